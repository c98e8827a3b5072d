-- How people stand with the shop: tags, points, segments, and how they buy.

CREATE TABLE contact_tags (
    contact_id      INTEGER NOT NULL REFERENCES contacts (id), -- fixed
    tag             TEXT NOT NULL,                          -- fixed, the owner's word
    at_ms           INTEGER NOT NULL,                       -- fixed
    PRIMARY KEY (contact_id, tag)
) STRICT, WITHOUT ROWID;

-- The ledger of points: rows are only added.
CREATE TABLE points (
    contact_id      INTEGER NOT NULL REFERENCES contacts (id), -- changes by merging
    about           TEXT NOT NULL,                          -- fixed: order:ID, review:PRODUCT, sign_up, birthday:YEAR, event:ID, …
    part            INTEGER NOT NULL,                       -- fixed, from 1: the first line about it, then what puts it right
    at_ms           INTEGER NOT NULL,                       -- fixed
    change          INTEGER NOT NULL,                       -- fixed, points given or (below zero) taken
    expires_ms      INTEGER,                                -- fixed
    rate_minor      INTEGER,                                -- fixed, paid for one point, of orders
    PRIMARY KEY (contact_id, about, part)
) STRICT, WITHOUT ROWID;

CREATE TABLE definitions (
    segment         TEXT NOT NULL PRIMARY KEY,              -- fixed, id in the owner's file
    who             TEXT NOT NULL,                          -- changes, the condition as written
    since_ms        INTEGER NOT NULL                        -- changes with it: when it was first read
) STRICT, WITHOUT ROWID;

-- The latest stay of each person in each segment.
CREATE TABLE memberships (
    contact_id      INTEGER NOT NULL REFERENCES contacts (id), -- fixed
    segment         TEXT NOT NULL,                          -- fixed
    since_ms        INTEGER,                                -- changes; NULL: was in it before anybody looked
    until_ms        INTEGER,                                -- changes; NULL: goes on
    PRIMARY KEY (contact_id, segment)
) STRICT, WITHOUT ROWID;

CREATE TABLE standings (
    contact_id      INTEGER NOT NULL PRIMARY KEY REFERENCES contacts (id), -- fixed
    looked_ms       INTEGER,                                -- changes: the segments were looked at, as then defined
    last_ms         INTEGER,                                -- changes: the last order that stands; NULL: no buyer
    orders          INTEGER,                                -- changes: orders that stand
    spent_minor     INTEGER,                                -- changes: kept money in the shop's currency
    rfm             TEXT,                                   -- changes: see Rfm
    recency         INTEGER,                                -- changes: 1 to 5
    frequency       INTEGER,                                -- changes: 1 to 5
    monetary        INTEGER,                                -- changes: 1 to 5
    rfm_since_ms    INTEGER                                 -- changes with rfm
) STRICT;
CREATE INDEX standings_last ON standings (last_ms) WHERE orders IS NOT NULL;
CREATE INDEX standings_orders ON standings (orders) WHERE orders IS NOT NULL;
CREATE INDEX standings_spent ON standings (spent_minor) WHERE orders IS NOT NULL;
CREATE INDEX standings_buyers ON standings (contact_id) WHERE orders IS NOT NULL;

-- Who went from one name of RFM to another.
CREATE TABLE moves (
    contact_id      INTEGER NOT NULL REFERENCES contacts (id), -- changes by merging
    at_ms           INTEGER NOT NULL,                       -- fixed
    was             TEXT NOT NULL,                          -- fixed, see Rfm
    became          TEXT NOT NULL,                          -- fixed, see Rfm
    PRIMARY KEY (contact_id, at_ms)
) STRICT, WITHOUT ROWID;
CREATE INDEX moves_at ON moves (at_ms);
