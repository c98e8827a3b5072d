-- A small shop as version 14 leaves it. Nobody in it exists.
INSERT INTO meta (key, value) VALUES ('applied', '1'),
    ('shop', '{"name":"فروشگاه","url":"https://shop.example","currency":"IRT","timezone":"Asia/Tehran","locale":"fa_IR","country":"IR"}');
INSERT INTO events (seq, event_id, type, time_ms, received_ms, data)
    VALUES (1, '019a0000-0000-7000-8000-000000000001', 'cart.cleared', 1000, 2000, '{"cart_key":"k1"}');
INSERT INTO rejected_events (event_id, type, error, received_ms, data)
    VALUES ('bad', 'cart.exploded', 'unknown type "cart.exploded"', 2000, '{}');
INSERT INTO contacts (id, phone, user_id, first_name, last_name, locale, birthday, country, consent, created_ms, last_seen_ms)
    VALUES (1, '+989120000001', '7', 'نام', NULL, 'fa_IR', '1990-01-01', 'IR',
        '{"marketing":true,"source":"checkout","text":null,"at":1000}', 1000, 2000);
INSERT INTO opt_outs (phone_hash, at_ms, source) VALUES (x'00', 1000, 'reply');
INSERT INTO blocked (phone_hash, at_ms) VALUES (x'01', 1000);
INSERT INTO carts (key, contact_id, episode, state, items, total_minor, currency, coupons, checkout_url, checkout_started_ms,
        began_ms, last_action_ms)
    VALUES ('k1', 1, 1, 'open', '[{"product_id":"12","name":"جوراب","quantity":2,"unit_price":"5000"}]', 10000, 'IRT', '["off5"]',
        NULL, NULL, 1000, 2000);
INSERT INTO orders (id, number, contact_id, status, total_minor, refunded_minor, currency, items, coupons, cart_key,
        tracking_url, created_ms, placed_ms, reached, updated_ms)
    VALUES ('55', '55', 1, 'processing', 10000, 0, 'IRT', '[]', '[]', 'k1', NULL, 3000, 3000, '{"processing":3000}', 3000);
INSERT INTO refunds (order_id, refund_id, amount_minor, currency, at_ms) VALUES ('55', '56', 100, 'IRT', 4000);
INSERT INTO products (id, name, url, price_minor, regular_minor, currency, stock, stock_quantity, categories, cross_sells,
        image, published, updated_ms)
    VALUES ('12', 'جوراب', 'https://shop.example/p/12', 5000, 6000, 'IRT', 'instock', 4, '["socks"]', '["13"]', NULL, 1, 1000);
INSERT INTO coupons (code, kind, amount, expires_ms, usage_limit, usage_count, deleted, updated_ms)
    VALUES ('off5', 'percent', '5', NULL, NULL, 0, 0, 1000);
INSERT INTO reviews (review_id, contact_id, product_id, order_id, at_ms) VALUES ('9', 1, '12', '55', 5000);
INSERT INTO enrolments (id, campaign, contact_id, occasion, state, anchor_ms, since_ms, entered_ms, ended_ms, end_reason, done,
        offer, wake_ms)
    VALUES (1, 'abandoned_cart', 1, 'cart:k1#1', 'active', 2000, 2000, 2500, NULL, NULL, '["first"]', NULL, 9000);
INSERT INTO messages (id, enrolment_id, contact_id, campaign, step, state, due_ms, next_try_ms, expires_ms, reason, reference,
        attempts, gateway, gateway_id, text, parts, price_minor, price_currency, cost_minor, cost_currency, coupon, offer,
        templated, handed_ms, settled_ms)
    VALUES (1, 1, 1, 'abandoned_cart', 'first', 'delivered', 3000, 3000, 9000, NULL, 4611686018427387903, 1, 'console', 'a1',
        'سلام', 1, 1200, 'IRR', 1100, 'IRR', 'off5', NULL, 0, 3000, 4000);
INSERT INTO inbound (gateway, gateway_id, phone, text, at_ms) VALUES ('console', 'i1', '+989120000001', 'لغو', 6000);
INSERT INTO links (slug, message_id, contact_id, kind, cart_key, order_id, product_id, coupon, made_ms, expires_ms, hits,
        human_hits, first_human_ms)
    VALUES ('3JcKdsX', 1, 1, 'cart', 'k1', NULL, NULL, 'off5', 3000, 99000, 2, 1, 3500);
INSERT INTO link_hits (cart_key, message_id, at_ms) VALUES ('k1', 1, 3500);
INSERT INTO credits (order_id, message_id, campaign, step, evidence, at_ms, total_minor, kept_minor, currency, bought_offer)
    VALUES ('55', 1, 'abandoned_cart', 'first', 'link', 3000, 10000, 9900, 'IRT', 0);
INSERT INTO holds (scope, why, since_ms) VALUES ('kavenegar/credit', 'no credit left', 7000);
INSERT INTO decisions (at_ms, contact_id, enrolment_id, message_id, campaign, step, reason, detail)
    VALUES (2500, 1, 1, 1, 'abandoned_cart', 'first', 'planned', NULL);
UPDATE opt_outs SET scope = 'marketing', until_ms = 9000, again_ms = 2000;
INSERT INTO holds (scope, why, since_ms, until_ms) VALUES ('kavenegar/account', 'no connection', 1000, 61000);
INSERT INTO gateway_cursors (gateway, what, cursor, asked_ms) VALUES ('kavenegar', 'inbound', '17', 5000);
INSERT INTO alerts (kind, subject, text, grave, raised_ms) VALUES ('low_credit', 'kavenegar', 'اعتبار رو به پایان است', 0, 5000);
INSERT INTO alert_texts (reference, alert_id, recipient, gateway, handed_ms, state, parts, price_minor, price_currency)
    VALUES (4611686018427387904, 1, 0, 'kavenegar', 5000, 'taken', 1, 1200, 'IRR');
INSERT INTO event_contacts (contact_id, seq) VALUES (1, 1);
INSERT INTO event_carts (cart_key, seq) VALUES ('k1', 1);
INSERT INTO erasures (traces, until_seq, done_seq) VALUES ('{"phone":null,"user_id":"7","carts":[],"orders":[],"slugs":[],"shop_country":"IR"}', 9, 1);
UPDATE contacts SET registered_ms = 500, birthday = '1990-03-21';
UPDATE orders SET shipping = '{"state":"shipped","tracking_code":"24680","carrier":"post"}', payment_method = 'cod', failed_ms = 2900;
INSERT INTO views (contact_id, cart_key, product_id, variation_id, seconds, link, at_ms)
    VALUES (1, 'k1', '12', NULL, 40, '3JcKdsX', 2000), (NULL, 't_9', '12', '34', 31, NULL, 2100);
INSERT INTO doings (contact_id, day_ms, what, count) VALUES (1, 0, 'login', 2), (1, 0, 'page:/about', 1);
INSERT INTO wanted (contact_id, product_id, variation_id, at_ms) VALUES (1, '12', '', 2000);
UPDATE links SET own_coupon = '{"discount_type":"percent","amount":"15","free_shipping":false,"lives":172800000,"minimum":null,"products":["12"]}';
UPDATE enrolments SET left_ms = 3000, texts_until_ms = 9000, arms = '{"first":{"arm":"b","at":3000}}', held_out = 0;
UPDATE messages SET arm = 'b';
INSERT INTO contact_tags (contact_id, tag, at_ms) VALUES (1, 'vip', 1000);
INSERT INTO points (contact_id, about, part, at_ms, change, expires_ms, rate_minor) VALUES (1, 'order:55', 1, 3000, 10, 9000, 1000);
INSERT INTO definitions (segment, who, since_ms) VALUES ('vip', 'contact.orders > 0', 1000);
INSERT INTO memberships (contact_id, segment, since_ms, until_ms) VALUES (1, 'vip', 3000, NULL);
INSERT INTO standings (contact_id, looked_ms, last_ms, orders, spent_minor, rfm, recency, frequency, monetary, rfm_since_ms)
    VALUES (1, 3000, 3000, 1, 10000, 'new_customers', 5, 1, 2, 4000);
INSERT INTO moves (contact_id, at_ms, was, became) VALUES (1, 4000, 'promising', 'new_customers');
UPDATE products SET prices = '[{"since":0,"minor":6500},{"since":900,"minor":5000}]', out_ms = 500, back_ms = 700;
INSERT INTO happenings (contact_id, event_id, name, fields, at_ms) VALUES (1, 'e1', 'demo', '{"plan":"gold"}', 2000);
INSERT INTO subscriptions (id, contact_id, status, ends_ms, term_ms, updated_ms) VALUES ('77', 1, 'active', 9000, 9000, 2000);
INSERT INTO watches (product_id, contact_id) VALUES ('12', 1);
INSERT INTO stirred (product_id, cursor) VALUES ('12', 0);
INSERT INTO gaps (product_id, round_ms, sum_ms, times) VALUES ('', 1000, 90000, 3);
INSERT INTO meta (key, value) VALUES ('round',
    '{"began":1000,"cursor":1,"finished":true,"campaigns":7,"on":{"abandoned_cart":500},"drip":{"day":0,"entered":{}}}');
UPDATE products SET upsells = '["13"]';
INSERT INTO sales (product_id, beside, round_ms, orders) VALUES ('12', '', 1000, 3), ('12', '13', 1000, 1);
INSERT INTO import_runs (run, source, complete) VALUES (1, 'https://shop.example', 0);
INSERT INTO import_cursors (source, kind, last_id, seen) VALUES ('https://shop.example', 'orders', 54, 2);
INSERT INTO history (id, run, event_id, type, time_ms, data, mail)
    VALUES (1, 1, 'import-order-54-1', 'order.updated', 500, '{"order_id":54}', x'02');
UPDATE enrolments SET asked = '{"first":{"asked":3000,"until":9000,"answer":"بله","answered":4000}}', replied_ms = 4000;
UPDATE products SET variations = '["121"]';
