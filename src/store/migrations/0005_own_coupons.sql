-- What the code in a link gives, where each person has one of their own (JSON; see `OwnCoupon`).
ALTER TABLE links ADD COLUMN own_coupon TEXT;

-- A code that is typed by hand is asked for by itself.
CREATE UNIQUE INDEX links_own_coupon ON links (coupon) WHERE own_coupon IS NOT NULL;
