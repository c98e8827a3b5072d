-- What the bridge tells of a person beyond buying, what it may ask about them, and their being erased at its word.

-- Which events of the log were about whom, and in which basket: what the shop is told when it asks about somebody.
CREATE TABLE event_contacts (
    contact_id      INTEGER NOT NULL REFERENCES contacts (id), -- changes by merging
    seq             INTEGER NOT NULL,                       -- fixed, the event's
    PRIMARY KEY (contact_id, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE event_carts (
    cart_key        TEXT NOT NULL,                          -- fixed, the shop's
    seq             INTEGER NOT NULL,                       -- fixed, the event's
    PRIMARY KEY (cart_key, seq)
) STRICT, WITHOUT ROWID;
-- Of older events, those that name a basket or an order that is known.
INSERT INTO event_carts (cart_key, seq)
    SELECT data ->> '$.cart_key', seq FROM events
    WHERE json_valid(data) AND json_type(data, '$.cart_key') = 'text';
INSERT OR IGNORE INTO event_contacts (contact_id, seq)
    SELECT c.contact_id, e.seq FROM event_carts e JOIN carts c ON c.key = e.cart_key WHERE c.contact_id IS NOT NULL;
INSERT OR IGNORE INTO event_contacts (contact_id, seq)
    SELECT o.contact_id, e.seq FROM events e JOIN orders o ON o.id = CAST(e.data ->> '$.order_id' AS TEXT)
    WHERE json_valid(e.data) AND o.contact_id IS NOT NULL;

-- People whom the shop asked to erase, while the log is still being redacted.
CREATE TABLE erasures (
    id              INTEGER NOT NULL PRIMARY KEY,           -- fixed
    traces          TEXT NOT NULL,                          -- JSON, by what their events are known; changes: emptied at the end
    until_seq       INTEGER NOT NULL,                       -- fixed, the event that asked: what came later is news
    done_seq        INTEGER NOT NULL                        -- changes: so far the log is redacted
) STRICT;

ALTER TABLE contacts ADD COLUMN registered_ms INTEGER;      -- changes: when the account was made
ALTER TABLE orders ADD COLUMN shipping TEXT;                -- JSON {state, tracking_code, carrier}; changes
ALTER TABLE orders ADD COLUMN payment_method TEXT;          -- changes
ALTER TABLE orders ADD COLUMN failed_ms INTEGER;            -- changes: when paying for it last failed

-- Looks at products; rows are deleted when they are old.
CREATE TABLE views (
    id              INTEGER NOT NULL PRIMARY KEY,           -- fixed
    contact_id      INTEGER REFERENCES contacts (id),       -- changes once, from NULL, and by merging
    cart_key        TEXT,                                   -- fixed, the basket or session
    product_id      TEXT NOT NULL,                          -- fixed
    variation_id    TEXT,                                   -- fixed
    seconds         INTEGER NOT NULL,                       -- fixed
    link            TEXT,                                   -- fixed, slug that brought the visitor
    at_ms           INTEGER NOT NULL                        -- fixed
) STRICT;
CREATE INDEX views_contact ON views (contact_id, at_ms, id) WHERE contact_id IS NOT NULL;
CREATE INDEX views_nobodys ON views (cart_key) WHERE contact_id IS NULL;
CREATE INDEX views_nobodys_at ON views (at_ms) WHERE contact_id IS NULL;
CREATE INDEX views_at ON views (at_ms);

-- What is only counted, by day; rows are deleted when they are old.
CREATE TABLE doings (
    contact_id      INTEGER NOT NULL REFERENCES contacts (id), -- fixed
    day_ms          INTEGER NOT NULL,                       -- fixed, the UTC day
    what            TEXT NOT NULL,                          -- fixed: login, page:PATH
    count           INTEGER NOT NULL,                       -- changes
    PRIMARY KEY (contact_id, day_ms, what)
) STRICT, WITHOUT ROWID;
CREATE INDEX doings_day ON doings (day_ms);

-- Who asked to be told when a product is there again.
CREATE TABLE wanted (
    contact_id      INTEGER NOT NULL REFERENCES contacts (id), -- fixed
    product_id      TEXT NOT NULL,                          -- fixed
    variation_id    TEXT NOT NULL,                          -- fixed, empty: any
    at_ms           INTEGER NOT NULL,                       -- changes: when it was last asked for
    PRIMARY KEY (contact_id, product_id, variation_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX wanted_product ON wanted (product_id, at_ms, contact_id, variation_id);
