/*
 * An OpenID provider for tests, on a free port of this machine. Prints its issuer URL. A person signs in with any name and
 * password in its own forms. The name becomes the claim customer_id, so that orders:own is limited to that customer.
 */
import { createServer } from "node:http";
import process from "node:process";

import { Provider } from "oidc-provider";

const env = (name, value) => process.env[`OIDC_${name}`] ?? value;
const audience = env("AUDIENCE", "https://orders.example");
const redirects = env("REDIRECTS", "http://127.0.0.1/callback").split(" ");
const orders = {
  audience,
  accessTokenFormat: "jwt",
  accessTokenTTL: Number(env("TOKEN_SECONDS", "600")),
  scope: "orders:read orders:start orders:review orders:own orders:policy payments:reverse customers:read customers:write operations:read",
};

const server = createServer();
server.listen(Number(env("PORT", "0")), "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: "dashboard",
        application_type: "native", // allows redirects to http on this machine
        token_endpoint_auth_method: "none", // so PKCE is required
        redirect_uris: redirects,
        post_logout_redirect_uris: redirects,
        grant_types: ["authorization_code", "refresh_token"],
      },
      {
        client_id: "service",
        client_secret: "secret",
        redirect_uris: [],
        response_types: [],
        grant_types: ["client_credentials"],
      },
    ],
    features: {
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => audience,
        useGrantedResource: () => true,
        getResourceServerInfo: () => orders,
      },
    },
    // As most issuers do for a page. By default this one also asks for consent each time.
    issueRefreshToken: (_context, client) => client.grantTypeAllowed("refresh_token"),
    claims: { profile: ["name"] },
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, name: id }) }),
    extraTokenClaims: (_context, token) => ({ name: token.accountId, customer_id: token.accountId }),
    clientBasedCORS: () => true,
  });
  server.on("request", provider.callback());
  process.stdout.write(`${issuer}\n`);
});
