-- Creates the role of the API and the workers. The Postgres image runs this file with psql when it creates
-- the database, as the owner of the tables. Tables that `orders migrate` creates later are included.
\getenv password SERVICE_DB_PASSWORD
CREATE ROLE orders_service LOGIN PASSWORD :'password';
ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO orders_service;
