//! What the account knows beside messages: replies, the line's blacklist, its own count.

use serde_json::{Value, json};

use super::books::{Books, Coded, HOUR, parts};

pub struct Reply {
    pub messageid: u64,
    pub sender: String,
    pub receptor: String,
    pub text: String,
    pub at: i64,
    pub is_read: bool,
}

pub struct Refuser {
    pub number: String,
    pub reason: i64,
    pub at: i64,
}

const PAGE: usize = 200;

impl Books {
    pub fn read_unread(&mut self, line: &str, is_read: &str) -> Value {
        let is_read = is_read == "1";
        let rows = self.inbox.iter_mut().filter(|reply| reply.receptor == line && reply.is_read == is_read).take(100);
        rows.map(read).collect()
    }

    pub fn read_paged(&mut self, line: &str, is_read: Option<&str>, page: &str) -> Coded<Value> {
        let since = self.now() - 48 * HOUR;
        let page: usize = page.parse().map_err(|_| 400u16)?;
        let rows = self
            .inbox
            .iter_mut()
            .filter(|reply| reply.receptor == line && reply.at >= since)
            .filter(|reply| is_read.is_none_or(|wanted| (wanted == "1") == reply.is_read));
        Ok(rows.skip((page - 1) * PAGE).take(PAGE).map(read).collect())
    }

    pub fn list_refusers(&self, since: Option<&str>, reason: Option<&str>, page: &str) -> Coded<Value> {
        let since: i64 = match since {
            Some(since) => since.parse().ok().filter(|since| *since >= self.refusers_from).ok_or(417u16)?,
            None => self.now() - self.now() % (24 * HOUR),
        };
        let page: usize = page.parse().map_err(|_| 400u16)?;
        let rows = self
            .refusers
            .iter()
            .filter(|row| row.at >= since && reason.is_none_or(|reason| reason == row.reason.to_string()));
        Ok(rows
            .skip((page - 1) * PAGE)
            .take(PAGE)
            .map(|row| json!({"number": row.number, "blockreason": row.reason, "date": row.at}))
            .collect())
    }

    pub fn count(&self, from: &str, until: Option<&str>) -> Coded<Value> {
        let from: i64 = from.parse().map_err(|_| 417u16)?;
        let until: i64 = until.map_or(Ok(from + 24 * HOUR), str::parse).map_err(|_| 417u16)?;
        if until - from > 24 * HOUR || from < self.now() - 3 * 24 * HOUR {
            return Err(417);
        }
        let counted: Vec<_> = self.sms.iter().filter(|sms| (from..=until).contains(&sms.at)).collect();
        let sum_of_parts: i64 = counted.iter().map(|sms| parts(&sms.text)).sum();
        let cost: i64 = counted.iter().map(|sms| sms.cost).sum();
        Ok(
            json!({"startdate": from, "enddate": until, "sumpart": sum_of_parts, "sumcount": counted.len(), "cost": cost}),
        )
    }
}

fn read(reply: &mut Reply) -> Value {
    reply.is_read = true;
    json!({
        "messageid": reply.messageid, "message": reply.text, "sender": reply.sender, "receptor": reply.receptor,
        "date": reply.at,
    })
}
