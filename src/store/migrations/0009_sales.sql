-- What is bought most, and what with it, as each round finds it.

ALTER TABLE products ADD COLUMN upsells TEXT NOT NULL DEFAULT '[]';    -- JSON list of product ids; changes

CREATE TABLE sales (
    product_id      TEXT NOT NULL,                          -- fixed
    beside          TEXT NOT NULL,                          -- fixed, the other product of the order; empty: alone
    round_ms        INTEGER NOT NULL,                       -- fixed
    orders          INTEGER NOT NULL,                       -- changes
    PRIMARY KEY (product_id, beside, round_ms)
) STRICT, WITHOUT ROWID;
CREATE INDEX sales_most ON sales (round_ms, beside, orders DESC, product_id);
