import { expect, test } from "vitest";

import { errorsByField } from "./invalid-fields";

test("an error is filed under the path of its field", () => {
  expect(errorsByField([{ path: ["items", "0", "quantity"], message: "must be at least 1." }])).toEqual({
    "items.0.quantity": "must be at least 1.",
  });
});

test("two errors of one field are joined", () => {
  const errors = [{ path: ["id"], message: "A." }, { path: ["id"], message: "B." }];
  expect(errorsByField(errors)).toEqual({ id: "A. B." });
});
