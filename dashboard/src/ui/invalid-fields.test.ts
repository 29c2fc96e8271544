import { expect, test } from "vitest";

import { byField } from "./invalid-fields";

test("a problem is found by the path of its field", () => {
  expect(byField([{ path: ["items", "0", "quantity"], message: "must be from 1." }])).toEqual({
    "items.0.quantity": "must be from 1.",
  });
});

test("two problems of one field are both kept", () => {
  const problems = [{ path: ["id"], message: "A." }, { path: ["id"], message: "B." }];
  expect(byField(problems)).toEqual({ id: "A. B." });
});
