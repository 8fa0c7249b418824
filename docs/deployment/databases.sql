-- One for Prefect, one for the ledger; each makes and upgrades its own tables.
CREATE DATABASE prefect;
CREATE DATABASE ledger;
