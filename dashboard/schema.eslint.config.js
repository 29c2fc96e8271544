// Lints schema.graphql, the contract of the API. Run from the root of the repository.
import graphql from "@graphql-eslint/eslint-plugin";

const { rules: recommended } = graphql.configs["flat/schema-recommended"];
const { rules: relay } = graphql.configs["flat/schema-relay"];

export default [
  {
    files: ["schema.graphql"],
    plugins: { "@graphql-eslint": graphql },
    languageOptions: { parser: graphql.parser, parserOptions: { graphQLConfig: { schema: "schema.graphql" } } },
    rules: {
      ...recommended,
      ...relay,
      "@graphql-eslint/input-name": ["error", { checkInputType: true, caseSensitiveInputType: false }],
      "@graphql-eslint/no-scalar-result-type-on-mutation": "error",
      "@graphql-eslint/require-nullable-result-in-root": "error",
      "@graphql-eslint/require-description": [
        "error",
        {
          types: true,
          rootField: true,
          DirectiveDefinition: true,
          EnumValueDefinition: true,
          FieldDefinition: true,
          InputValueDefinition: true,
          // Strawberry does not export descriptions of a directive's arguments.
          ignoredSelectors: ["[type=InputValueDefinition][parent.kind=DirectiveDefinition]"],
        },
      ],
      "@graphql-eslint/relay-edge-types": [
        "error",
        {
          withEdgeSuffix: true,
          // There is no `node(id:)`: an object is fetched again by `order(id:)` or `customer(id:)`.
          shouldImplementNode: false,
          // Pages also have `nodes`, and a list of bounded length is not a page.
          listTypeCanWrapOnlyEdgeType: false,
        },
      ],
      "@graphql-eslint/strict-id-in-types": [
        "error",
        {
          exceptions: {
            // Pages, their entries and the details of an event belong to the object that holds them.
            suffixes: ["Connection", "Edge", "Page", "Detail"],
            types: [
              // Values: two that are equal are the same.
              "Address", "FieldError", "Money", "OrderFailure", "OrderPolicy", "OrderStateCount", "PageInfo",
              // Outcomes of a mutation, which nobody fetches again. The object that they name has an ID.
              "CommandApplied", "CommandConflict", "CommandPending", "CommandRefused", "CustomerConflict",
              "CustomerDeleted", "CustomerHasOrders", "CustomerNotFound", "CustomerSaved", "EmailTaken",
              "InvalidInput", "OrderConflict", "OrderNotFound", "OrderStarted", "PaymentConflict",
            ],
          },
        },
      ],
    },
  },
];
