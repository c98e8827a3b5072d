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
