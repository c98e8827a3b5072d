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

CREATE INDEX alert_texts_by_gateway ON alert_texts (gateway, handed_ms);

CREATE UNIQUE INDEX alert_texts_once ON alert_texts (alert_id, recipient) WHERE state <> 'refused';

CREATE TRIGGER alert_not_paid AFTER UPDATE OF state ON alert_texts WHEN new.state = 'refused' AND old.state <> 'refused' BEGIN
    UPDATE spend SET minor = minor - old.price_minor
        WHERE currency = old.price_currency AND quarter = old.handed_ms / 900000;
END;

CREATE TRIGGER alert_paid AFTER INSERT ON alert_texts BEGIN
    INSERT INTO spend (currency, quarter, minor) VALUES (new.price_currency, new.handed_ms / 900000, new.price_minor)
        ON CONFLICT DO UPDATE SET minor = minor + excluded.minor;
END;

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

CREATE INDEX alerts_words ON alerts (over_ms, id) WHERE kind = 'staff';

CREATE TABLE arm_counts (
    campaign        TEXT NOT NULL,                          -- fixed
    step            TEXT NOT NULL,                          -- fixed
    counted_ms      INTEGER NOT NULL,                       -- changes
    counts          TEXT NOT NULL,                          -- JSON {arm: {tries, wins}}; changes
    PRIMARY KEY (campaign, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE blocked (
    phone_hash      BLOB NOT NULL PRIMARY KEY,              -- fixed, as in opt_outs
    at_ms           INTEGER NOT NULL                        -- fixed
) STRICT, WITHOUT ROWID;

CREATE TABLE campaign_spend (
    campaign        TEXT NOT NULL,                          -- fixed
    currency        TEXT NOT NULL,                          -- fixed
    quarter         INTEGER NOT NULL,                       -- fixed, handed_ms / 900000
    minor           INTEGER NOT NULL,                       -- changes: sum of messages.spent_minor
    PRIMARY KEY (campaign, currency, quarter)
) STRICT, WITHOUT ROWID;

CREATE TABLE carts (
    key             TEXT NOT NULL PRIMARY KEY,              -- fixed, the shop's
    contact_id      INTEGER REFERENCES contacts (id),       -- changes
    episode         INTEGER NOT NULL,                       -- changes: counts fillings of this key's basket
    state           TEXT NOT NULL,                          -- changes: open, emptied, bought
    items           TEXT NOT NULL,                          -- JSON list; changes
    total_minor     INTEGER NOT NULL,                       -- changes
    currency        TEXT NOT NULL,                          -- changes
    coupons         TEXT NOT NULL,                          -- JSON list, lower case; changes
    checkout_url    TEXT,                                   -- changes
    checkout_started_ms INTEGER,                            -- changes
    began_ms        INTEGER NOT NULL,                       -- changes with the episode
    last_action_ms  INTEGER NOT NULL                        -- changes
, told_ms INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE INDEX carts_contact ON carts (contact_id, last_action_ms, key) WHERE contact_id IS NOT NULL;

CREATE TABLE contact_tags (
    contact_id      INTEGER NOT NULL REFERENCES contacts (id), -- fixed
    tag             TEXT NOT NULL,                          -- fixed, the owner's word
    at_ms           INTEGER NOT NULL,                       -- fixed
    PRIMARY KEY (contact_id, tag)
) STRICT, WITHOUT ROWID;

CREATE TABLE contacts (
    id              INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, -- fixed
    phone           TEXT UNIQUE,                            -- E.164; changes
    user_id         TEXT,                                   -- the shop's; changes
    first_name      TEXT,                                   -- changes
    last_name       TEXT,                                   -- changes
    locale          TEXT,                                   -- changes
    birthday        TEXT,                                   -- YYYY-MM-DD, Gregorian; changes
    country         TEXT,                                   -- ISO 3166 alpha-2; changes
    consent         TEXT,                                   -- JSON {marketing, source, text, at}; changes
    created_ms      INTEGER NOT NULL,                       -- changes only by merging
    last_seen_ms    INTEGER NOT NULL,                       -- changes
    erased_ms       INTEGER                                 -- changes: when everything personal was removed
, registered_ms INTEGER) STRICT;

CREATE INDEX contacts_user ON contacts (user_id, id) WHERE user_id IS NOT NULL;

CREATE TABLE coupons (
    code            TEXT NOT NULL PRIMARY KEY,              -- fixed, lower case
    kind            TEXT NOT NULL,                          -- changes: percent, fixed_cart, …
    amount          TEXT NOT NULL,                          -- decimal as the shop wrote it; changes
    expires_ms      INTEGER,                                -- changes
    usage_limit     INTEGER,                                -- uses; changes
    usage_count     INTEGER NOT NULL,                       -- uses; changes
    minimum         TEXT,                                   -- decimal, the least basket; changes
    deleted         INTEGER NOT NULL,                       -- 0 or 1; changes
    updated_ms      INTEGER NOT NULL                        -- changes
) STRICT;

CREATE TABLE credits (
    order_id        TEXT NOT NULL PRIMARY KEY,              -- fixed
    message_id      INTEGER NOT NULL REFERENCES messages (id), -- changes when better evidence comes
    campaign        TEXT NOT NULL,                          -- changes with the message
    step            TEXT NOT NULL,                          -- changes with the message
    evidence        TEXT NOT NULL,                          -- changes: coupon, link, delivered
    at_ms           INTEGER NOT NULL,                       -- changes: when the order was placed
    total_minor     INTEGER NOT NULL,                       -- changes
    kept_minor      INTEGER NOT NULL,                       -- changes: what refunds left
    currency        TEXT NOT NULL,                          -- changes
    bought_offer    INTEGER NOT NULL                        -- 0 or 1; changes
) STRICT;

CREATE INDEX credits_at ON credits (at_ms);

CREATE INDEX credits_message ON credits (message_id);

CREATE TABLE decisions (
    id              INTEGER NOT NULL PRIMARY KEY,           -- fixed, in order of deciding
    at_ms           INTEGER NOT NULL,                       -- fixed
    contact_id      INTEGER NOT NULL REFERENCES contacts (id), -- changes only by merging
    enrolment_id    INTEGER,                                -- fixed
    message_id      INTEGER,                                -- fixed
    campaign        TEXT,                                   -- fixed
    step            TEXT,                                   -- fixed
    reason          TEXT NOT NULL,                          -- fixed: see Reason
    detail          TEXT                                    -- fixed, without numbers and names
) STRICT;

CREATE INDEX decisions_contact ON decisions (contact_id, id);

CREATE TABLE definitions (
    segment         TEXT NOT NULL PRIMARY KEY,              -- fixed, id in the owner's file
    who             TEXT NOT NULL,                          -- changes, the condition as written
    since_ms        INTEGER NOT NULL                        -- changes with it: when it was first read
) STRICT, WITHOUT ROWID;

CREATE TABLE doings (
    contact_id      INTEGER NOT NULL REFERENCES contacts (id), -- fixed
    day_ms          INTEGER NOT NULL,                       -- fixed, the UTC day
    what            TEXT NOT NULL,                          -- fixed: login, page:PATH
    count           INTEGER NOT NULL,                       -- changes
    PRIMARY KEY (contact_id, day_ms, what)
) STRICT, WITHOUT ROWID;

CREATE INDEX doings_day ON doings (day_ms);

CREATE TABLE enrolments (
    id              INTEGER NOT NULL PRIMARY KEY,           -- fixed
    campaign        TEXT NOT NULL,                          -- fixed
    contact_id      INTEGER NOT NULL REFERENCES contacts (id), -- fixed
    occasion        TEXT NOT NULL,                          -- fixed: cart:KEY#EPISODE, order:ID
    state           TEXT NOT NULL,                          -- changes: waiting, active, ended
    anchor_ms       INTEGER NOT NULL,                       -- changes while waiting
    since_ms        INTEGER NOT NULL,                       -- changes while waiting
    entered_ms      INTEGER,                                -- changes once
    ended_ms        INTEGER,                                -- changes once
    end_reason      TEXT,                                   -- changes once
    done            TEXT NOT NULL,                          -- JSON list of step names; grows
    offer           TEXT,                                   -- product id; changes once
    wake_ms         INTEGER                                 -- the one next wake-up; changes
, left_ms INTEGER, texts_until_ms INTEGER, arms TEXT NOT NULL DEFAULT '{}', held_out INTEGER NOT NULL DEFAULT 0, asked TEXT NOT NULL DEFAULT '{}', replied_ms INTEGER, led_out INTEGER NOT NULL DEFAULT 0 CHECK (led_out IN (0, 1))) STRICT;

CREATE INDEX enrolments_asked ON enrolments (campaign, entered_ms) WHERE asked <> '{}';

CREATE INDEX enrolments_drawn ON enrolments (campaign, entered_ms, id) WHERE arms <> '{}';

CREATE INDEX enrolments_held_out ON enrolments (campaign, entered_ms) WHERE held_out = 1;

CREATE UNIQUE INDEX enrolments_occasion ON enrolments (contact_id, campaign, occasion);

CREATE UNIQUE INDEX enrolments_open ON enrolments (contact_id, campaign) WHERE state <> 'ended';

CREATE INDEX enrolments_wake ON enrolments (wake_ms, id) WHERE wake_ms IS NOT NULL;

CREATE TRIGGER enrolments_counted AFTER INSERT ON enrolments BEGIN
    INSERT INTO tallies (kind, word, n) VALUES ('enrolments', new.state, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER enrolments_recounted AFTER UPDATE OF state ON enrolments WHEN old.state <> new.state BEGIN
    UPDATE tallies SET n = n - 1 WHERE kind = 'enrolments' AND word = old.state;
    INSERT INTO tallies (kind, word, n) VALUES ('enrolments', new.state, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;

CREATE TABLE erasures (
    id              INTEGER NOT NULL PRIMARY KEY,           -- fixed
    traces          TEXT NOT NULL,                          -- JSON, by what their events are known; changes: emptied at the end
    until_seq       INTEGER NOT NULL,                       -- fixed, the event that asked: what came later is news
    done_seq        INTEGER NOT NULL                        -- changes: so far the log is redacted
) STRICT;

CREATE TABLE event_carts (
    cart_key        TEXT NOT NULL,                          -- fixed, the shop's
    seq             INTEGER NOT NULL,                       -- fixed, the event's
    PRIMARY KEY (cart_key, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE event_contacts (
    contact_id      INTEGER NOT NULL REFERENCES contacts (id), -- changes by merging
    seq             INTEGER NOT NULL,                       -- fixed, the event's
    PRIMARY KEY (contact_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
    seq             INTEGER NOT NULL PRIMARY KEY,           -- fixed, order of arrival; rows are never deleted, so no reuse
    event_id        TEXT NOT NULL UNIQUE,                   -- fixed, made by the sender
    type            TEXT NOT NULL,                          -- fixed
    time_ms         INTEGER NOT NULL,                       -- fixed, when it happened
    received_ms     INTEGER NOT NULL,                       -- fixed
    redacted        INTEGER NOT NULL DEFAULT 0,             -- changes: 1 when the person in it was erased
    data            TEXT NOT NULL                           -- JSON; changes only by redaction
) STRICT;

CREATE TABLE gaps (
    product_id      TEXT NOT NULL,                          -- fixed
    round_ms        INTEGER NOT NULL,                       -- fixed
    sum_ms          INTEGER NOT NULL,                       -- changes
    times           INTEGER NOT NULL,                       -- changes
    PRIMARY KEY (product_id, round_ms)
) STRICT, WITHOUT ROWID;

CREATE TABLE gateway_cursors (
    gateway         TEXT NOT NULL,                          -- fixed
    what            TEXT NOT NULL,                          -- fixed: inbound, refusers, credit, lack
    cursor          TEXT,                                   -- changes, the gateway's own word
    asked_ms        INTEGER NOT NULL,                       -- changes: when it was last asked
    trouble         TEXT,                                   -- changes: why it could not be asked then
    PRIMARY KEY (gateway, what)
) STRICT, WITHOUT ROWID;

CREATE TABLE happenings (
    contact_id      INTEGER NOT NULL REFERENCES contacts (id), -- changes by merging
    event_id        TEXT NOT NULL,                          -- fixed
    name            TEXT NOT NULL,                          -- fixed, what stands behind `custom.`
    fields          TEXT NOT NULL,                          -- JSON; fixed
    at_ms           INTEGER NOT NULL,                       -- fixed
    PRIMARY KEY (contact_id, at_ms, event_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE history (
    id              INTEGER NOT NULL PRIMARY KEY,           -- fixed
    run             INTEGER NOT NULL REFERENCES import_runs (run), -- fixed
    event_id        TEXT NOT NULL,                          -- fixed
    type            TEXT NOT NULL,                          -- fixed
    time_ms         INTEGER NOT NULL,                       -- fixed
    data            TEXT NOT NULL,                          -- JSON; changes: a review's writer is found, a person is erased
    mail            BLOB,                                   -- fixed, keyed hash of an address: reviews have no other name
    UNIQUE (run, event_id)
) STRICT;

CREATE INDEX history_by_mail ON history (run, mail) WHERE mail IS NOT NULL;

CREATE INDEX history_by_time ON history (run, time_ms, id);

CREATE TABLE holds (
    scope           TEXT NOT NULL PRIMARY KEY,              -- fixed: all, gateway, template:NAME, links, credit, campaign:ID
    why             TEXT NOT NULL,                          -- changes
    since_ms        INTEGER NOT NULL                        -- changes
, until_ms INTEGER) STRICT, WITHOUT ROWID;

CREATE TABLE import_cursors (
    source          TEXT NOT NULL,                          -- fixed
    kind            TEXT NOT NULL,                          -- fixed: customers, products, orders, reviews
    last_id         INTEGER NOT NULL,                       -- changes, the shop's
    seen            INTEGER NOT NULL,                       -- changes: so many of the shop's list lie behind
    PRIMARY KEY (source, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE import_runs (
    run             INTEGER NOT NULL PRIMARY KEY,           -- fixed
    source          TEXT NOT NULL,                          -- fixed: the shop's address, or the file's
    complete        INTEGER NOT NULL                        -- changes once, to 1: now it is taken in
) STRICT;

CREATE TABLE inbound (
    id              INTEGER NOT NULL PRIMARY KEY,           -- fixed
    gateway         TEXT NOT NULL,                          -- fixed
    gateway_id      TEXT,                                   -- fixed; the same id of a gateway is taken once
    phone           TEXT NOT NULL,                          -- fixed, E.164, or as it came when it is no mobile
    text            TEXT NOT NULL,                          -- fixed
    at_ms           INTEGER NOT NULL                        -- fixed
) STRICT;

CREATE INDEX inbound_kept ON inbound (at_ms) WHERE phone <> '';

CREATE UNIQUE INDEX inbound_once ON inbound (gateway, gateway_id) WHERE gateway_id IS NOT NULL;

CREATE INDEX inbound_phone ON inbound (phone);

CREATE TABLE link_hits (
    cart_key        TEXT NOT NULL,                          -- fixed, the visitor's own cart
    message_id      INTEGER NOT NULL,                       -- fixed
    at_ms           INTEGER NOT NULL,                       -- changes: the latest visit by a person
    PRIMARY KEY (cart_key, message_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE links (
    slug            TEXT NOT NULL PRIMARY KEY,              -- fixed
    message_id      INTEGER NOT NULL UNIQUE REFERENCES messages (id), -- fixed
    contact_id      INTEGER NOT NULL,                       -- fixed, the message's
    kind            TEXT NOT NULL,                          -- fixed: cart, review, product, shop
    cart_key        TEXT,                                   -- fixed
    order_id        TEXT,                                   -- fixed
    product_id      TEXT,                                   -- fixed
    coupon          TEXT,                                   -- fixed
    made_ms         INTEGER NOT NULL,                       -- fixed
    expires_ms      INTEGER NOT NULL,                       -- changes only when withdrawn
    hits            INTEGER NOT NULL,                       -- visits; grows
    human_hits      INTEGER NOT NULL,                       -- visits by people; grows
    first_human_ms  INTEGER                                 -- changes: the earliest visit by a person
, own_coupon TEXT) STRICT;

CREATE UNIQUE INDEX links_own_coupon ON links (coupon) WHERE own_coupon IS NOT NULL;

CREATE TABLE memberships (
    contact_id      INTEGER NOT NULL REFERENCES contacts (id), -- fixed
    segment         TEXT NOT NULL,                          -- fixed
    since_ms        INTEGER,                                -- changes; NULL: was in it before anybody looked
    until_ms        INTEGER,                                -- changes; NULL: goes on
    PRIMARY KEY (contact_id, segment)
) STRICT, WITHOUT ROWID;

CREATE TABLE messages (
    id              INTEGER NOT NULL PRIMARY KEY,           -- fixed
    enrolment_id    INTEGER NOT NULL REFERENCES enrolments (id), -- fixed
    contact_id      INTEGER NOT NULL REFERENCES contacts (id), -- fixed
    campaign        TEXT NOT NULL,                          -- fixed
    step            TEXT NOT NULL,                          -- fixed
    state           TEXT NOT NULL,                          -- changes: see MessageState
    due_ms          INTEGER NOT NULL,                       -- changes while scheduled
    next_try_ms     INTEGER NOT NULL,                       -- changes: when to try to send it, or to ask about it
    expires_ms      INTEGER NOT NULL,                       -- changes while scheduled
    reason          TEXT,                                   -- changes
    reference       INTEGER UNIQUE,                         -- our own id at the gateway, 62 bits; given once
    attempts        INTEGER NOT NULL,                       -- hand-overs; grows
    gateway         TEXT,                                   -- changes with each hand-over
    gateway_id      TEXT,                                   -- the gateway's id; changes with each hand-over
    text            TEXT,                                   -- as handed over; scrubbed later
    parts           INTEGER NOT NULL,                       -- SMS segments; changes with each hand-over
    price_minor     INTEGER,                                -- forecast; changes with each hand-over
    price_currency  TEXT,                                   -- changes with each hand-over
    cost_minor      INTEGER,                                -- the gateway's figure; changes
    cost_currency   TEXT,                                   -- changes
    coupon          TEXT,                                   -- changes
    offer           TEXT,                                   -- product id; changes
    templated       INTEGER NOT NULL,                       -- 0 or 1: sent as a provider's template; changes
    handed_ms       INTEGER,                                -- the last hand-over; changes
    settled_ms      INTEGER, spent_minor INTEGER GENERATED ALWAYS AS
    (CASE WHEN state IN ('sending', 'sent', 'delivered', 'unknown', 'failed')
        THEN CASE WHEN cost_currency = price_currency OR price_currency IS NULL THEN cost_minor ELSE price_minor END END) VIRTUAL, spent_currency TEXT GENERATED ALWAYS AS
    (CASE WHEN state IN ('sending', 'sent', 'delivered', 'unknown', 'failed')
        THEN coalesce(price_currency, cost_currency) END) VIRTUAL, service INTEGER NOT NULL DEFAULT 0, doubted INTEGER NOT NULL DEFAULT 0, arm TEXT) STRICT;

CREATE INDEX messages_by_gateway ON messages (gateway, handed_ms, id) WHERE handed_ms IS NOT NULL;

CREATE INDEX messages_contact ON messages (contact_id, handed_ms, id);

CREATE INDEX messages_due ON messages (due_ms) WHERE state = 'scheduled';

CREATE INDEX messages_ended ON messages (settled_ms) WHERE state = 'failed';

CREATE INDEX messages_gateway ON messages (gateway, gateway_id, id) WHERE gateway_id IS NOT NULL;

CREATE INDEX messages_handed ON messages (handed_ms) WHERE handed_ms IS NOT NULL;

CREATE INDEX messages_scheduled ON messages (next_try_ms, due_ms, id) WHERE state = 'scheduled';

CREATE INDEX messages_sending ON messages (contact_id) WHERE state = 'sending';

CREATE INDEX messages_state ON messages (state, handed_ms, id);

CREATE UNIQUE INDEX messages_step ON messages (enrolment_id, step);

CREATE INDEX messages_texts ON messages (due_ms) WHERE text IS NOT NULL;

CREATE INDEX messages_to_ask ON messages (next_try_ms, id) WHERE state IN ('sent', 'unknown');

CREATE INDEX messages_waiting ON messages (contact_id, id) WHERE state = 'scheduled';

CREATE TRIGGER messages_counted AFTER INSERT ON messages BEGIN
    INSERT INTO tallies (kind, word, n) VALUES ('messages', new.state, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER messages_recounted AFTER UPDATE OF state ON messages WHEN old.state <> new.state BEGIN
    UPDATE tallies SET n = n - 1 WHERE kind = 'messages' AND word = old.state;
    INSERT INTO tallies (kind, word, n) VALUES ('messages', new.state, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER spend_begun AFTER INSERT ON messages WHEN new.spent_minor IS NOT NULL AND new.handed_ms IS NOT NULL BEGIN
    INSERT INTO spend (currency, quarter, minor) VALUES (new.spent_currency, new.handed_ms / 900000, new.spent_minor)
        ON CONFLICT DO UPDATE SET minor = minor + excluded.minor;
    INSERT INTO campaign_spend (campaign, currency, quarter, minor)
        VALUES (new.campaign, new.spent_currency, new.handed_ms / 900000, new.spent_minor)
        ON CONFLICT DO UPDATE SET minor = minor + excluded.minor;
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

CREATE TRIGGER spend_taken_back AFTER UPDATE ON messages
    WHEN old.spent_minor IS NOT NULL AND old.handed_ms IS NOT NULL
        AND (old.spent_minor, old.spent_currency, old.handed_ms) IS NOT (new.spent_minor, new.spent_currency, new.handed_ms) BEGIN
    UPDATE spend SET minor = minor - old.spent_minor
        WHERE currency = old.spent_currency AND quarter = old.handed_ms / 900000;
    UPDATE campaign_spend SET minor = minor - old.spent_minor
        WHERE campaign = old.campaign AND currency = old.spent_currency AND quarter = old.handed_ms / 900000;
END;

CREATE TABLE meta (
    key             TEXT NOT NULL PRIMARY KEY,              -- fixed
    value           TEXT NOT NULL                           -- changes
) STRICT, WITHOUT ROWID;

CREATE TABLE moves (
    contact_id      INTEGER NOT NULL REFERENCES contacts (id), -- changes by merging
    at_ms           INTEGER NOT NULL,                       -- fixed
    was             TEXT NOT NULL,                          -- fixed, see Rfm
    became          TEXT NOT NULL,                          -- fixed, see Rfm
    PRIMARY KEY (contact_id, at_ms)
) STRICT, WITHOUT ROWID;

CREATE INDEX moves_at ON moves (at_ms);

CREATE TABLE nameless_opt_outs (
    campaign        TEXT NOT NULL,                          -- fixed
    step            TEXT NOT NULL,                          -- fixed
    day_ms          INTEGER NOT NULL,                       -- fixed, the UTC day on which the message was handed over
    count           INTEGER NOT NULL,                       -- changes
    PRIMARY KEY (campaign, step, day_ms)
) STRICT, WITHOUT ROWID;

CREATE TABLE opt_outs (
    phone_hash      BLOB NOT NULL PRIMARY KEY,              -- fixed, HMAC-SHA256 of E.164 with meta.suppression_key
    at_ms           INTEGER NOT NULL,                       -- changes
    source          TEXT NOT NULL,                          -- changes
    contact_id      INTEGER REFERENCES contacts (id)        -- who it was, for figures; NULL once erased; changes
, scope TEXT NOT NULL DEFAULT 'all', until_ms INTEGER, again_ms INTEGER) STRICT, WITHOUT ROWID;

CREATE INDEX opt_outs_at ON opt_outs (at_ms);

CREATE INDEX opt_outs_contact ON opt_outs (contact_id) WHERE contact_id IS NOT NULL;

CREATE TABLE orders (
    id              TEXT NOT NULL PRIMARY KEY,              -- fixed, the shop's
    number          TEXT NOT NULL,                          -- changes
    contact_id      INTEGER REFERENCES contacts (id),       -- changes
    status          TEXT NOT NULL,                          -- changes, without wc-
    total_minor     INTEGER NOT NULL,                       -- changes
    refunded_minor  INTEGER NOT NULL,                       -- changes, in the order's currency
    currency        TEXT NOT NULL,                          -- changes
    items           TEXT NOT NULL,                          -- JSON list; changes
    coupons         TEXT NOT NULL,                          -- JSON list, lower case; changes
    cart_key        TEXT,                                   -- changes
    tracking_url    TEXT,                                   -- changes
    link            TEXT,                                   -- slug that brought the buyer; changes
    created_ms      INTEGER NOT NULL,                       -- changes
    placed_ms       INTEGER,                                -- changes: first seen in a status that means bought
    reached         TEXT NOT NULL,                          -- JSON map from status to ms; changes
    updated_ms      INTEGER NOT NULL                        -- changes
, shipping TEXT, payment_method TEXT, failed_ms INTEGER) STRICT;

CREATE INDEX orders_contact ON orders (contact_id, created_ms, id) WHERE contact_id IS NOT NULL;

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

CREATE TABLE products (
    id              TEXT NOT NULL PRIMARY KEY,              -- fixed, the shop's
    name            TEXT NOT NULL,                          -- changes
    url             TEXT NOT NULL,                          -- changes
    price_minor     INTEGER,                                -- changes
    regular_minor   INTEGER,                                -- changes
    currency        TEXT,                                   -- of both prices; changes; NULL only when both are
    stock           TEXT NOT NULL,                          -- changes: instock, outofstock, onbackorder
    stock_quantity  INTEGER,                                -- pieces; changes
    categories      TEXT NOT NULL,                          -- JSON list; changes
    cross_sells     TEXT NOT NULL,                          -- JSON list of product ids; changes
    image           TEXT,                                   -- changes
    published       INTEGER NOT NULL,                       -- 0 or 1; changes
    updated_ms      INTEGER NOT NULL                        -- changes
, out_ms INTEGER, back_ms INTEGER, upsells TEXT NOT NULL DEFAULT '[]', variations TEXT NOT NULL DEFAULT '[]', prices TEXT NOT NULL DEFAULT '[]') STRICT;

CREATE TABLE refunds (
    order_id        TEXT NOT NULL,                          -- fixed; the order may come later
    refund_id       TEXT NOT NULL,                          -- fixed
    amount_minor    INTEGER NOT NULL,                       -- fixed, above zero
    currency        TEXT NOT NULL,                          -- fixed
    at_ms           INTEGER NOT NULL,                       -- fixed
    PRIMARY KEY (order_id, refund_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE rejected_events (
    id              INTEGER NOT NULL PRIMARY KEY,           -- fixed
    event_id        TEXT NOT NULL,                          -- fixed, as sent; may be empty
    type            TEXT NOT NULL,                          -- fixed, as sent
    error           TEXT NOT NULL,                          -- fixed, holds no value of the data
    received_ms     INTEGER NOT NULL,                       -- fixed
    data            TEXT NOT NULL                           -- as sent, may hold a person's number; changes by erasure
) STRICT;

CREATE UNIQUE INDEX rejected_events_once ON rejected_events (event_id) WHERE event_id <> '';

CREATE TABLE reviews (
    id              INTEGER NOT NULL PRIMARY KEY,           -- fixed
    review_id       TEXT UNIQUE,                            -- fixed, the shop's
    contact_id      INTEGER REFERENCES contacts (id),       -- changes once, from NULL, and by merging
    product_id      TEXT NOT NULL,                          -- fixed
    order_id        TEXT,                                   -- changes once, from NULL
    at_ms           INTEGER NOT NULL                        -- fixed
) STRICT;

CREATE INDEX reviews_contact ON reviews (contact_id, at_ms, id) WHERE contact_id IS NOT NULL;

CREATE INDEX reviews_nobodys ON reviews (order_id) WHERE contact_id IS NULL AND order_id IS NOT NULL;

CREATE TABLE sales (
    product_id      TEXT NOT NULL,                          -- fixed
    beside          TEXT NOT NULL,                          -- fixed, the other product of the order; empty: alone
    round_ms        INTEGER NOT NULL,                       -- fixed
    orders          INTEGER NOT NULL,                       -- changes
    PRIMARY KEY (product_id, beside, round_ms)
) STRICT, WITHOUT ROWID;

CREATE INDEX sales_most ON sales (round_ms, beside, orders DESC, product_id);

CREATE TABLE spend (
    currency        TEXT NOT NULL,                          -- fixed
    quarter         INTEGER NOT NULL,                       -- fixed, handed_ms / 900000
    minor           INTEGER NOT NULL,                       -- changes: sum of messages.spent_minor
    PRIMARY KEY (currency, quarter)
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

CREATE INDEX standings_buyers ON standings (contact_id) WHERE orders IS NOT NULL;

CREATE INDEX standings_last ON standings (last_ms) WHERE orders IS NOT NULL;

CREATE INDEX standings_orders ON standings (orders) WHERE orders IS NOT NULL;

CREATE INDEX standings_spent ON standings (spent_minor) WHERE orders IS NOT NULL;

CREATE TABLE stirred (
    product_id      TEXT NOT NULL PRIMARY KEY,              -- fixed
    cursor          INTEGER NOT NULL                        -- changes, the last contact
) STRICT, WITHOUT ROWID;

CREATE TABLE subscriptions (
    id              TEXT NOT NULL PRIMARY KEY,              -- fixed, the shop's
    contact_id      INTEGER NOT NULL REFERENCES contacts (id), -- changes
    status          TEXT NOT NULL,                          -- changes, the shop's word
    ends_ms         INTEGER,                                -- changes
    updated_ms      INTEGER NOT NULL                        -- changes
, term_ms INTEGER) STRICT, WITHOUT ROWID;

CREATE INDEX subscriptions_contact ON subscriptions (contact_id, id);

CREATE TABLE tallies (
    kind            TEXT NOT NULL,                          -- fixed: enrolments, messages
    word            TEXT NOT NULL,                          -- fixed: a state
    n               INTEGER NOT NULL,                       -- changes: rows in that state
    PRIMARY KEY (kind, word)
) STRICT, WITHOUT ROWID;

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

CREATE INDEX views_at ON views (at_ms);

CREATE INDEX views_contact ON views (contact_id, at_ms, id) WHERE contact_id IS NOT NULL;

CREATE INDEX views_nobodys ON views (cart_key) WHERE contact_id IS NULL;

CREATE INDEX views_nobodys_at ON views (at_ms) WHERE contact_id IS NULL;

CREATE TABLE wanted (
    contact_id      INTEGER NOT NULL REFERENCES contacts (id), -- fixed
    product_id      TEXT NOT NULL,                          -- fixed
    variation_id    TEXT NOT NULL,                          -- fixed, empty: any
    at_ms           INTEGER NOT NULL,                       -- changes: when it was last asked for
    PRIMARY KEY (contact_id, product_id, variation_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX wanted_product ON wanted (product_id, at_ms, contact_id, variation_id);

CREATE TABLE watches (
    product_id      TEXT NOT NULL,                          -- fixed
    contact_id      INTEGER NOT NULL REFERENCES contacts (id), -- changes by merging
    PRIMARY KEY (product_id, contact_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX watches_contact ON watches (contact_id, product_id);
