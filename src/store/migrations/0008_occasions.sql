-- What campaigns begin with beside baskets and orders.

ALTER TABLE products ADD COLUMN fall_from_minor INTEGER;    -- changes: the price before it was lowered, in its currency
ALTER TABLE products ADD COLUMN fall_ms INTEGER;            -- changes: when
ALTER TABLE products ADD COLUMN out_ms INTEGER;             -- changes: when it last became unavailable
ALTER TABLE products ADD COLUMN back_ms INTEGER;            -- changes: when it last became available again

-- Events of the owner's own.
CREATE TABLE happenings (
    contact_id      INTEGER NOT NULL REFERENCES contacts (id), -- changes by merging
    event_id        TEXT NOT NULL,                          -- fixed
    name            TEXT NOT NULL,                          -- fixed, what stands behind `custom.`
    fields          TEXT NOT NULL,                          -- JSON; fixed
    at_ms           INTEGER NOT NULL,                       -- fixed
    PRIMARY KEY (contact_id, at_ms, event_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE subscriptions (
    id              TEXT NOT NULL PRIMARY KEY,              -- fixed, the shop's
    contact_id      INTEGER NOT NULL REFERENCES contacts (id), -- changes
    status          TEXT NOT NULL,                          -- changes, the shop's word
    ends_ms         INTEGER,                                -- changes
    updated_ms      INTEGER NOT NULL                        -- changes
) STRICT, WITHOUT ROWID;
CREATE INDEX subscriptions_contact ON subscriptions (contact_id, id);

-- Who is to be looked at when there is news of a product.
CREATE TABLE watches (
    product_id      TEXT NOT NULL,                          -- fixed
    contact_id      INTEGER NOT NULL REFERENCES contacts (id), -- changes by merging
    PRIMARY KEY (product_id, contact_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX watches_contact ON watches (contact_id, product_id);

-- Products with news, and how far those who watch them were looked at.
CREATE TABLE stirred (
    product_id      TEXT NOT NULL PRIMARY KEY,              -- fixed
    cursor          INTEGER NOT NULL                        -- changes, the last contact
) STRICT, WITHOUT ROWID;

-- Times between two purchases, as each round finds them; an empty product stands for the shop.
CREATE TABLE gaps (
    product_id      TEXT NOT NULL,                          -- fixed
    round_ms        INTEGER NOT NULL,                       -- fixed
    sum_ms          INTEGER NOT NULL,                       -- changes
    times           INTEGER NOT NULL,                       -- changes
    PRIMARY KEY (product_id, round_ms)
) STRICT, WITHOUT ROWID;
