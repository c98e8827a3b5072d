//! Carts, orders, refunds, products, coupons, reviews, and what the shop says of itself.

use anyhow::{Context, Result};
use rusqlite::{Connection, Row, params};

use super::columns::{Code, Columns, Json, all, change, one, split};
use crate::clock::At;
use crate::money::Money;
use crate::state::model::{Cart, ContactId, Coupon, Order, Product, REFUNDED_SO_FAR, Review, Shop};

macro_rules! cart_columns {
    () => {
        "key, contact_id, episode, state, items, total_minor, currency, coupons, checkout_url, checkout_started_ms, began_ms, \
         last_action_ms, told_ms"
    };
}

fn read_cart(row: &Row<'_>) -> rusqlite::Result<Cart> {
    let mut c = Columns::of(row);
    Ok(Cart {
        key: c.get()?,
        contact: c.get()?,
        episode: c.count()?,
        state: c.get()?,
        items: c.json()?,
        total: c.money()?,
        coupons: c.json()?,
        checkout_url: c.get()?,
        checkout_started: c.get()?,
        began: c.get()?,
        last_action: c.get()?,
        told: c.get()?,
    })
}

pub(super) fn cart(conn: &Connection, key: &str) -> Result<Option<Cart>> {
    one(conn, concat!("-- cart\nSELECT ", cart_columns!(), " FROM carts WHERE key = ?1"), [key], read_cart)
}

pub(super) fn put_cart(conn: &Connection, c: &Cart) -> Result<()> {
    let sql = concat!(
        "-- put_cart\nINSERT INTO carts (",
        cart_columns!(),
        ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
        ON CONFLICT DO UPDATE SET contact_id = excluded.contact_id, episode = excluded.episode, state = excluded.state,
            items = excluded.items, total_minor = excluded.total_minor, currency = excluded.currency,
            coupons = excluded.coupons, checkout_url = excluded.checkout_url,
            checkout_started_ms = excluded.checkout_started_ms, began_ms = excluded.began_ms,
            last_action_ms = excluded.last_action_ms, told_ms = excluded.told_ms"
    );
    let values = params![
        c.key,
        c.contact,
        c.episode,
        c.state,
        Json(&c.items),
        c.total.minor,
        Code(c.total.currency),
        Json(&c.coupons),
        c.checkout_url,
        c.checkout_started,
        c.began,
        c.last_action,
        c.told
    ];
    change(conn, sql, values).map(drop)
}

pub(super) fn carts_of(conn: &Connection, contact: ContactId) -> Result<Vec<Cart>> {
    let sql = concat!(
        "-- carts_of\nSELECT ",
        cart_columns!(),
        " FROM carts WHERE contact_id = ?1 ORDER BY last_action_ms DESC, key DESC LIMIT 20"
    );
    all(conn, sql, [contact], read_cart)
}

macro_rules! order_columns {
    () => {
        "id, number, contact_id, status, total_minor, currency, refunded_minor, items, coupons, cart_key, tracking_url, link, \
         created_ms, placed_ms, reached, updated_ms, shipping, payment_method, failed_ms"
    };
}

fn read_order(row: &Row<'_>) -> rusqlite::Result<Order> {
    let mut c = Columns::of(row);
    let (id, number, contact, status) = (c.get()?, c.get()?, c.get()?, c.get()?);
    let total = c.money()?;
    Ok(Order {
        id,
        number,
        contact,
        status,
        total,
        refunded: Money { minor: c.get()?, ..total },
        items: c.json()?,
        coupons: c.json()?,
        cart_key: c.get()?,
        tracking_url: c.get()?,
        link: c.get()?,
        created: c.get()?,
        placed: c.get()?,
        reached: c.json()?,
        updated: c.get()?,
        shipping: c.get::<Option<Json<_>>>()?.map(|j| j.0),
        payment_method: c.get()?,
        failed: c.get()?,
    })
}

pub(super) fn order(conn: &Connection, id: &str) -> Result<Option<Order>> {
    one(conn, concat!("-- order\nSELECT ", order_columns!(), " FROM orders WHERE id = ?1"), [id], read_order)
}

pub(super) fn put_order(conn: &Connection, o: &Order) -> Result<()> {
    let sql = concat!(
        "-- put_order\nINSERT INTO orders (",
        order_columns!(),
        ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,
            ?17, ?18, ?19)
        ON CONFLICT DO UPDATE SET number = excluded.number, contact_id = excluded.contact_id, status = excluded.status,
            total_minor = excluded.total_minor, currency = excluded.currency, refunded_minor = excluded.refunded_minor,
            items = excluded.items, coupons = excluded.coupons, cart_key = excluded.cart_key,
            tracking_url = excluded.tracking_url, link = excluded.link, created_ms = excluded.created_ms, placed_ms = excluded.placed_ms,
            reached = excluded.reached, updated_ms = excluded.updated_ms, shipping = excluded.shipping,
            payment_method = excluded.payment_method, failed_ms = excluded.failed_ms"
    );
    let values = params![
        o.id,
        o.number,
        o.contact,
        o.status,
        o.total.minor,
        Code(o.total.currency),
        o.refunded.minor,
        Json(&o.items),
        Json(&o.coupons),
        o.cart_key,
        o.tracking_url,
        o.link,
        o.created,
        o.placed,
        Json(&o.reached),
        o.updated,
        o.shipping.as_ref().map(Json),
        o.payment_method,
        o.failed
    ];
    change(conn, sql, values).map(drop)
}

pub(super) fn orders_of(conn: &Connection, contact: ContactId) -> Result<Vec<Order>> {
    let sql = concat!(
        "-- orders_of\nSELECT ",
        order_columns!(),
        " FROM orders WHERE contact_id = ?1 ORDER BY created_ms DESC, id DESC LIMIT 200"
    );
    all(conn, sql, [contact], read_order)
}

pub(super) fn add_refund(conn: &Connection, order_id: &str, refund_id: &str, amount: Money, at: At) -> Result<bool> {
    let sql = "-- add_refund
        INSERT INTO refunds (order_id, refund_id, amount_minor, currency, at_ms) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT DO NOTHING";
    Ok(change(conn, sql, params![order_id, refund_id, amount.minor, Code(amount.currency), at])? == 1)
}

pub(super) fn refunds_of(conn: &Connection, order_id: &str, zero: Money) -> Result<Money> {
    let sql = "-- refunds_of
        SELECT max(coalesce(sum(amount_minor) FILTER (WHERE substr(refund_id, 1, length(?3)) <> ?3), 0),
            coalesce(max(amount_minor) FILTER (WHERE substr(refund_id, 1, length(?3)) = ?3), 0))
        FROM refunds WHERE order_id = ?1 AND currency = ?2";
    let minor =
        one(conn, sql, params![order_id, Code(zero.currency), REFUNDED_SO_FAR], |row| row.get(0))?.unwrap_or_default();
    Ok(Money { minor, ..zero })
}

pub(super) fn product(conn: &Connection, id: &str) -> Result<Option<Product>> {
    let sql = "-- product
        SELECT id, name, url, price_minor, currency, regular_minor, currency, stock, stock_quantity, categories, cross_sells,
            image, published, prices, out_ms, back_ms, updated_ms, upsells, variations
        FROM products WHERE id = ?1";
    one(conn, sql, [id], |row| {
        let mut c = Columns::of(row);
        Ok(Product {
            id: c.get()?,
            name: c.get()?,
            url: c.get()?,
            price: c.money_opt()?,
            regular_price: c.money_opt()?,
            stock: c.get()?,
            stock_quantity: c.get()?,
            categories: c.json()?,
            cross_sells: c.json()?,
            image: c.get()?,
            published: c.get()?,
            prices: c.json()?,
            out: c.get()?,
            back: c.get()?,
            updated: c.get()?,
            upsells: c.json()?,
            variations: c.json()?,
        })
    })
}

pub(super) fn put_product(conn: &Connection, p: &Product) -> Result<()> {
    let sql = "-- put_product
        INSERT INTO products (id, name, url, price_minor, regular_minor, currency, stock, stock_quantity, categories,
            cross_sells, image, published, prices, out_ms, back_ms, updated_ms, upsells, variations)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)
        ON CONFLICT DO UPDATE SET name = excluded.name, url = excluded.url, price_minor = excluded.price_minor,
            regular_minor = excluded.regular_minor, currency = excluded.currency, stock = excluded.stock,
            stock_quantity = excluded.stock_quantity, categories = excluded.categories, cross_sells = excluded.cross_sells,
            image = excluded.image, published = excluded.published, prices = excluded.prices, out_ms = excluded.out_ms, back_ms = excluded.back_ms, updated_ms = excluded.updated_ms,
            upsells = excluded.upsells, variations = excluded.variations";
    let (price, _) = split(p.price);
    let (regular, _) = split(p.regular_price);
    let (_, currency) = split(p.price.or(p.regular_price));
    let values = params![
        p.id,
        p.name,
        p.url,
        price,
        regular,
        currency,
        p.stock,
        p.stock_quantity,
        Json(&p.categories),
        Json(&p.cross_sells),
        p.image,
        p.published,
        Json(&p.prices),
        p.out,
        p.back,
        p.updated,
        Json(&p.upsells),
        Json(&p.variations)
    ];
    change(conn, sql, values).map(drop)
}

pub(super) fn coupon(conn: &Connection, code: &str) -> Result<Option<Coupon>> {
    let sql = "-- coupon
        SELECT code, kind, amount, expires_ms, usage_limit, usage_count, minimum, deleted, updated_ms FROM coupons WHERE code = ?1";
    one(conn, sql, [code], |row| {
        let mut c = Columns::of(row);
        Ok(Coupon {
            code: c.get()?,
            kind: c.get()?,
            amount: c.get()?,
            expires: c.get()?,
            usage_limit: c.get()?,
            usage_count: c.get()?,
            minimum: c.get()?,
            deleted: c.get()?,
            updated: c.get()?,
        })
    })
}

pub(super) fn put_coupon(conn: &Connection, c: &Coupon) -> Result<()> {
    let sql = "-- put_coupon
        INSERT INTO coupons (code, kind, amount, expires_ms, usage_limit, usage_count, minimum, deleted, updated_ms)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        ON CONFLICT DO UPDATE SET kind = excluded.kind, amount = excluded.amount, expires_ms = excluded.expires_ms,
            usage_limit = excluded.usage_limit, usage_count = excluded.usage_count, minimum = excluded.minimum,
            deleted = excluded.deleted, updated_ms = excluded.updated_ms";
    let values =
        params![c.code, c.kind, c.amount, c.expires, c.usage_limit, c.usage_count, c.minimum, c.deleted, c.updated];
    change(conn, sql, values).map(drop)
}

/// A review that is told again keeps its moment and learns what was not known of it.
pub(super) fn add_review(
    conn: &Connection,
    contact: Option<ContactId>,
    review_id: Option<&str>,
    r: &Review,
) -> Result<()> {
    let sql = "-- add_review
        INSERT INTO reviews (review_id, contact_id, product_id, order_id, at_ms) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT DO UPDATE SET contact_id = coalesce(contact_id, excluded.contact_id),
            order_id = coalesce(order_id, excluded.order_id)";
    change(conn, sql, params![review_id, contact, r.product_id, r.order_id, r.at]).map(drop)
}

pub(super) fn adopt_reviews(conn: &Connection, order_id: &str, contact: ContactId) -> Result<()> {
    let sql = "-- adopt_reviews
        UPDATE reviews SET contact_id = ?2 WHERE order_id = ?1 AND contact_id IS NULL";
    change(conn, sql, params![order_id, contact]).map(drop)
}

pub(super) fn reviews_of(conn: &Connection, contact: ContactId) -> Result<Vec<Review>> {
    let sql = "-- reviews_of
        SELECT product_id, order_id, at_ms FROM reviews WHERE contact_id = ?1 ORDER BY at_ms DESC, id DESC LIMIT 200";
    all(conn, sql, [contact], |row| Ok(Review { product_id: row.get(0)?, order_id: row.get(1)?, at: row.get(2)? }))
}

pub(super) fn shop(conn: &Connection) -> Result<Option<Shop>> {
    let text: Option<String> = one(conn, "-- shop\nSELECT value FROM meta WHERE key = 'shop'", [], |row| row.get(0))?;
    text.map(|t| serde_json::from_str(&t).context("what the database knows of the shop cannot be read")).transpose()
}

pub(super) fn put_shop(conn: &Connection, shop: &Shop) -> Result<()> {
    let sql = "-- put_shop
        INSERT INTO meta (key, value) VALUES ('shop', ?1) ON CONFLICT DO UPDATE SET value = excluded.value";
    change(conn, sql, [Json(shop)]).map(drop)
}
