-- What a product cost of late, so that a price which was raised for a day and lowered again is no fall.
ALTER TABLE products ADD COLUMN prices TEXT NOT NULL DEFAULT '[]'; -- JSON list of {since, minor}, oldest first; changes
UPDATE products SET prices = json_array(json_object('since', 0, 'minor', fall_from_minor),
        json_object('since', fall_ms, 'minor', price_minor))
    WHERE fall_ms IS NOT NULL AND fall_from_minor IS NOT NULL AND price_minor IS NOT NULL;
ALTER TABLE products DROP COLUMN fall_from_minor;
ALTER TABLE products DROP COLUMN fall_ms;

-- A payment that is moved by a day belongs to the same term.
ALTER TABLE subscriptions ADD COLUMN term_ms INTEGER; -- what ends_ms was when the present term was first told of; changes
UPDATE subscriptions SET term_ms = ends_ms;

-- Steps that the owner puts behind the end somebody was led to are not for them.
ALTER TABLE enrolments ADD COLUMN led_out INTEGER NOT NULL DEFAULT 0 CHECK (led_out IN (0, 1)); -- a step led to the end; changes
