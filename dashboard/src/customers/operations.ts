import { graphql } from "../generated";

export const CUSTOMER_ROW = graphql(`
  fragment CustomerRow on Customer { id name email phone createdAt }
`);

export const CUSTOMERS = graphql(`
  query Customers($search: String, $first: Int, $after: String, $last: Int, $before: String) {
    customers(search: $search, first: $first, after: $after, last: $last, before: $before) {
      nodes { ...CustomerRow }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      totalCount
    }
  }
`);

export const CUSTOMER = graphql(`
  query Customer($id: ID!) { customer(id: $id) { ...CustomerRow } }
`);

export const CREATE_CUSTOMER = graphql(`
  mutation CreateCustomer($input: CreateCustomerInput!) {
    createCustomer(input: $input) {
      __typename
      ... on CustomerSaved { customer { ...CustomerRow } }
      ... on InvalidInput { message fields { path message } }
      ... on EmailTaken { message email }
      ... on CustomerConflict { message customerId }
    }
  }
`);

export const UPDATE_CUSTOMER = graphql(`
  mutation UpdateCustomer($input: UpdateCustomerInput!) {
    updateCustomer(input: $input) {
      __typename
      ... on CustomerSaved { customer { ...CustomerRow } }
      ... on InvalidInput { message fields { path message } }
      ... on EmailTaken { message email }
      ... on CustomerNotFound { message customerId }
    }
  }
`);

export const DELETE_CUSTOMER = graphql(`
  mutation DeleteCustomer($input: DeleteCustomerInput!) {
    deleteCustomer(input: $input) {
      __typename
      ... on CustomerDeleted { customerId }
      ... on CustomerNotFound { message customerId }
      ... on CustomerHasOrders { message customerId }
    }
  }
`);
