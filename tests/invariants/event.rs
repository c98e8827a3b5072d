//! One event: its type on the first line, its data behind it.

use bazgasht::receive::event::{EventError, Fact, Item, MAX_ITEMS, Person, ShopData};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{first_line, one_plain_line, phone, without_numbers};

pub fn hold(bytes: &[u8]) {
    let (kind, data) = first_line(bytes);
    match Fact::parse(kind.trim(), &data) {
        Ok(fact) => understood(&fact),
        Err(why) => refused(&why),
    }
}

/// The reason is shown to the owner and answered to the sender: it names fields and quotes nothing of the data.
pub fn refused(why: &EventError) {
    let said = why.to_string();
    one_plain_line(&said);
    if !matches!(why, EventError::UnknownType(_)) {
        assert!(said.is_ascii(), "data is quoted in {said:?}");
        without_numbers(&said);
    }
}

/// What is kept can be written down and read again as the same.
fn understood(fact: &Fact) {
    if let Some(person) = fact.person() {
        assert_eq!(format!("{:?}", again::<Person>(person)), format!("{person:?}"));
        if let Some(raw) = &person.phone {
            phone::read(raw, person.country.as_deref(), "IR");
        }
    }
    match fact {
        Fact::CartUpdated(cart) => {
            items(&cart.items);
            assert_eq!(cart.total().currency, cart.currency);
        }
        Fact::OrderCreated(order) | Fact::OrderUpdated(order) => {
            items(&order.items);
            assert_eq!(order.total().currency, order.currency);
            assert!(!order.order_id.is_empty() && !order.status.is_empty());
        }
        Fact::OrderRefunded(refund) => assert!(refund.amount().minor >= 0, "a refund adds to nothing"),
        Fact::ShopUpdated(shop) => assert_eq!(format!("{:?}", again::<ShopData>(shop)), format!("{shop:?}")),
        Fact::ProductUpdated(product) => drop((product.price(), product.regular_price())),
        _ => {}
    }
}

fn items(items: &[Item]) {
    assert!(items.len() <= MAX_ITEMS);
    for item in items {
        assert!(item.quantity > 0 && !item.product_id.is_empty());
        assert_eq!(&again::<Item>(item), item);
    }
}

fn again<T: Serialize + DeserializeOwned>(value: &T) -> T {
    serde_json::from_str(&serde_json::to_string(value).unwrap()).unwrap()
}
