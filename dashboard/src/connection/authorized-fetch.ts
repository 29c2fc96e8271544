import { accessToken, rejectToken } from "../session/session";

/** Send a request with the caller's token. If the API rejects it, renew it and send the request once more. */
export const authorizedFetch: typeof fetch = async (input, init) => {
  // A token that was entered in the playground's headers comes first.
  if (new Headers(init?.headers).has("authorization")) return fetch(input, init);
  const token = await accessToken();
  const response = await fetch(input, withToken(init, token));
  if (response.status !== 401 || token === undefined) return response;
  rejectToken(token);
  const renewed = await accessToken();
  return renewed === undefined ? response : fetch(input, withToken(init, renewed));
};

function withToken(init: RequestInit | undefined, token: string | undefined): RequestInit | undefined {
  if (token === undefined) return init;
  const headers = new Headers(init?.headers);
  headers.set("authorization", `Bearer ${token}`);
  return { ...init, headers };
}
