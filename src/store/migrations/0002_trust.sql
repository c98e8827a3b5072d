-- Sending that can be trusted: how far a no reaches, holds that end by themselves, the budget of a campaign, what the owner is
-- told, and where questions to a gateway go on.

ALTER TABLE opt_outs ADD COLUMN scope TEXT NOT NULL DEFAULT 'all'; -- changes: all, marketing
ALTER TABLE opt_outs ADD COLUMN until_ms INTEGER;           -- changes: a pause ends then
CREATE INDEX opt_outs_at ON opt_outs (at_ms);

-- Holds are now named by the gateway that caused them. Those that gateways had caused are found anew where they still hold.
DELETE FROM holds WHERE scope <> 'all' AND scope NOT LIKE 'campaign:%';
ALTER TABLE holds ADD COLUMN until_ms INTEGER;              -- changes: it ends by itself then

-- A provider may count in units of its own, so the budget counts its figure only where that is in the currency of the forecast.
DROP TRIGGER spend_begun;
DROP TRIGGER spend_taken_back;
DROP TRIGGER spend_counted;
ALTER TABLE messages DROP COLUMN spent_minor;
ALTER TABLE messages DROP COLUMN spent_currency;
-- What it counts for in the budget, handed_ms given; NULL when it has certainly not left the house. A text that failed after
-- it was taken is paid for, unless the gateway says that it gave the money back.
ALTER TABLE messages ADD COLUMN spent_minor INTEGER GENERATED ALWAYS AS
    (CASE WHEN state IN ('sending', 'sent', 'delivered', 'unknown', 'failed')
        THEN CASE WHEN cost_currency = price_currency OR price_currency IS NULL THEN cost_minor ELSE price_minor END END) VIRTUAL;
ALTER TABLE messages ADD COLUMN spent_currency TEXT GENERATED ALWAYS AS
    (CASE WHEN state IN ('sending', 'sent', 'delivered', 'unknown', 'failed')
        THEN coalesce(price_currency, cost_currency) END) VIRTUAL;
ALTER TABLE messages ADD COLUMN service INTEGER NOT NULL DEFAULT 0; -- 0 or 1: outside the marketing caps; changes
ALTER TABLE messages ADD COLUMN doubted INTEGER NOT NULL DEFAULT 0; -- 0 or 1: never given to another gateway; changes once
UPDATE messages SET doubted = 1
    WHERE state = 'unknown' OR (state = 'scheduled' AND reference IS NOT NULL AND gateway IS NOT NULL);
CREATE INDEX messages_waiting ON messages (contact_id, id) WHERE state = 'scheduled';
CREATE INDEX messages_by_gateway ON messages (gateway, handed_ms, id) WHERE handed_ms IS NOT NULL;

-- The same sums for each campaign, for those that have a budget of their own.
CREATE TABLE campaign_spend (
    campaign        TEXT NOT NULL,                          -- fixed
    currency        TEXT NOT NULL,                          -- fixed
    quarter         INTEGER NOT NULL,                       -- fixed, handed_ms / 900000
    minor           INTEGER NOT NULL,                       -- changes: sum of messages.spent_minor
    PRIMARY KEY (campaign, currency, quarter)
) STRICT, WITHOUT ROWID;

INSERT INTO campaign_spend (campaign, currency, quarter, minor)
    SELECT campaign, spent_currency, handed_ms / 900000, sum(spent_minor) FROM messages
    WHERE spent_minor IS NOT NULL AND handed_ms IS NOT NULL GROUP BY 1, 2, 3;
DELETE FROM spend;
INSERT INTO spend (currency, quarter, minor)
    SELECT spent_currency, handed_ms / 900000, sum(spent_minor) FROM messages
    WHERE spent_minor IS NOT NULL AND handed_ms IS NOT NULL GROUP BY 1, 2;

CREATE TRIGGER spend_begun AFTER INSERT ON messages WHEN new.spent_minor IS NOT NULL AND new.handed_ms IS NOT NULL BEGIN
    INSERT INTO spend (currency, quarter, minor) VALUES (new.spent_currency, new.handed_ms / 900000, new.spent_minor)
        ON CONFLICT DO UPDATE SET minor = minor + excluded.minor;
    INSERT INTO campaign_spend (campaign, currency, quarter, minor)
        VALUES (new.campaign, new.spent_currency, new.handed_ms / 900000, new.spent_minor)
        ON CONFLICT DO UPDATE SET minor = minor + excluded.minor;
END;
CREATE TRIGGER spend_taken_back AFTER UPDATE ON messages
    WHEN old.spent_minor IS NOT NULL AND old.handed_ms IS NOT NULL
        AND (old.spent_minor, old.spent_currency, old.handed_ms) IS NOT (new.spent_minor, new.spent_currency, new.handed_ms) BEGIN
    UPDATE spend SET minor = minor - old.spent_minor
        WHERE currency = old.spent_currency AND quarter = old.handed_ms / 900000;
    UPDATE campaign_spend SET minor = minor - old.spent_minor
        WHERE campaign = old.campaign AND currency = old.spent_currency AND quarter = old.handed_ms / 900000;
END;
CREATE TRIGGER spend_counted AFTER UPDATE ON messages
    WHEN new.spent_minor IS NOT NULL AND new.handed_ms IS NOT NULL
        AND (old.spent_minor, old.spent_currency, old.handed_ms) IS NOT (new.spent_minor, new.spent_currency, new.handed_ms) BEGIN
    INSERT INTO spend (currency, quarter, minor) VALUES (new.spent_currency, new.handed_ms / 900000, new.spent_minor)
        ON CONFLICT DO UPDATE SET minor = minor + excluded.minor;
    INSERT INTO campaign_spend (campaign, currency, quarter, minor)
        VALUES (new.campaign, new.spent_currency, new.handed_ms / 900000, new.spent_minor)
        ON CONFLICT DO UPDATE SET minor = minor + excluded.minor;
END;

-- What the owner is told by SMS: each trouble once, until it is over.
CREATE TABLE alerts (
    id              INTEGER NOT NULL PRIMARY KEY,           -- fixed
    kind            TEXT NOT NULL,                          -- fixed: low_credit, brake, hold, budget
    subject         TEXT NOT NULL,                          -- fixed: the gateway, the hold or the month it is about
    text            TEXT NOT NULL,                          -- fixed: the SMS
    grave           INTEGER NOT NULL,                       -- fixed: 1: told at night, too
    raised_ms       INTEGER NOT NULL,                       -- fixed
    told_ms         INTEGER,                                -- changes once: nothing more is tried
    over_ms         INTEGER                                 -- changes once: the trouble has ended
) STRICT;
CREATE UNIQUE INDEX alerts_once ON alerts (kind, subject) WHERE over_ms IS NULL;
CREATE INDEX alerts_past ON alerts (kind, subject, over_ms);

-- The attempts to tell it, written before the gateway is called. Every number is tried once at a gateway, and at another only
-- after a sure refusal: a doubled alarm costs money.
CREATE TABLE alert_texts (
    reference       INTEGER NOT NULL PRIMARY KEY,           -- fixed
    alert_id        INTEGER NOT NULL REFERENCES alerts (id), -- fixed
    recipient       INTEGER NOT NULL,                       -- fixed: the place of the number among the owner's
    gateway         TEXT NOT NULL,                          -- fixed
    handed_ms       INTEGER NOT NULL,                       -- fixed
    state           TEXT NOT NULL,                          -- changes: handed, taken, refused
    parts           INTEGER NOT NULL,                       -- fixed
    price_minor     INTEGER NOT NULL,                       -- fixed; counts in the budget unless it was refused
    price_currency  TEXT NOT NULL,                          -- fixed
    again_ms        INTEGER,                                -- changes: refused for a passing reason, tried again then
    UNIQUE (alert_id, recipient, gateway)
) STRICT;
CREATE UNIQUE INDEX alert_texts_once ON alert_texts (alert_id, recipient) WHERE state <> 'refused';
CREATE INDEX alert_texts_by_gateway ON alert_texts (gateway, handed_ms);

CREATE TRIGGER alert_paid AFTER INSERT ON alert_texts BEGIN
    INSERT INTO spend (currency, quarter, minor) VALUES (new.price_currency, new.handed_ms / 900000, new.price_minor)
        ON CONFLICT DO UPDATE SET minor = minor + excluded.minor;
END;
CREATE TRIGGER alert_not_paid AFTER UPDATE OF state ON alert_texts WHEN new.state = 'refused' AND old.state <> 'refused' BEGIN
    UPDATE spend SET minor = minor - old.price_minor
        WHERE currency = old.price_currency AND quarter = old.handed_ms / 900000;
END;

-- How far what a gateway was asked for piece by piece has been taken.
CREATE TABLE gateway_cursors (
    gateway         TEXT NOT NULL,                          -- fixed
    what            TEXT NOT NULL,                          -- fixed: inbound, refusers, credit, lack
    cursor          TEXT,                                   -- changes, the gateway's own word
    asked_ms        INTEGER NOT NULL,                       -- changes: when it was last asked
    trouble         TEXT,                                   -- changes: why it could not be asked then
    PRIMARY KEY (gateway, what)
) STRICT, WITHOUT ROWID;

-- When a basket's contents were last told of: an act on it that is known, such as a number typed, says nothing of them.
ALTER TABLE carts ADD COLUMN told_ms INTEGER NOT NULL DEFAULT 0; -- changes
UPDATE carts SET told_ms = last_action_ms;

-- Reviews that came before their orders, and so belong to nobody yet.
CREATE INDEX reviews_nobodys ON reviews (order_id) WHERE contact_id IS NULL AND order_id IS NOT NULL;
-- What the brake looks at: ends of messages, the latest first.
CREATE INDEX messages_ended ON messages (settled_ms) WHERE state = 'failed';
