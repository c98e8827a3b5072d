//! How people stand with the shop: tags, points, segments, and their place among the buyers.

use std::collections::{BTreeMap, HashMap};

use anyhow::{Context, Result};

use super::MemoryWorld;
use crate::clock::At;
use crate::state::model::ContactId;
use crate::state::people::{
    Buying, Definition, Measure, Membership, Move, PointsLine, Ranking, Standing, Standings, Tagged,
};

impl Standings for MemoryWorld {
    fn put_tag(&mut self, contact: ContactId, tag: &str, at: At) -> Result<()> {
        self.person_mut(contact)?;
        self.standings.put_tag(contact, tag, at);
        Ok(())
    }

    fn drop_tag(&mut self, contact: ContactId, tag: &str) -> Result<()> {
        self.standings.drop_tag(contact, tag);
        Ok(())
    }

    fn tags_of(&self, contact: ContactId) -> Result<Vec<Tagged>> {
        Ok(self.standings.tags_of(contact))
    }

    fn add_points(&mut self, contact: ContactId, line: &PointsLine) -> Result<bool> {
        self.person_mut(contact)?;
        Ok(self.standings.add_points(contact, line))
    }

    fn points_of(&self, contact: ContactId) -> Result<Vec<PointsLine>> {
        Ok(self.standings.points_of(contact))
    }

    fn definitions(&self) -> Result<BTreeMap<String, Definition>> {
        Ok(self.standings.definitions.clone())
    }

    fn put_definition(&mut self, segment: &str, definition: Option<&Definition>) -> Result<()> {
        match definition {
            Some(definition) => drop(self.standings.definitions.insert(segment.to_owned(), definition.clone())),
            None => drop(self.standings.definitions.remove(segment)),
        }
        Ok(())
    }

    fn looked(&self, contact: ContactId) -> Result<Option<At>> {
        Ok(self.standings.looked(contact))
    }

    fn put_looked(&mut self, contact: ContactId, at: At) -> Result<()> {
        self.person_mut(contact)?;
        self.standings.put_looked(contact, at);
        Ok(())
    }

    fn memberships_of(&self, contact: ContactId) -> Result<Vec<Membership>> {
        Ok(self.standings.memberships_of(contact))
    }

    fn put_membership(&mut self, contact: ContactId, membership: &Membership) -> Result<()> {
        self.person_mut(contact)?;
        self.standings.put_membership(contact, membership);
        Ok(())
    }

    fn drop_membership(&mut self, contact: ContactId, segment: &str) -> Result<()> {
        self.standings.drop_membership(contact, segment);
        Ok(())
    }

    fn buying_of(&self, contact: ContactId) -> Result<Option<Buying>> {
        Ok(self.standings.buying_of(contact))
    }

    fn put_buying(&mut self, contact: ContactId, buying: Option<&Buying>) -> Result<()> {
        if buying.is_some() {
            self.person_mut(contact)?;
        }
        self.standings.put_buying(contact, buying);
        Ok(())
    }

    fn count_buyers(&self) -> Result<u64> {
        Ok(self.standings.count_buyers())
    }

    fn buyers_at(&self, by: Measure, places: &[u64]) -> Result<Vec<i64>> {
        Ok(self.standings.buyers_at(by, places))
    }

    fn buyers_after(&self, after: ContactId, limit: usize) -> Result<Vec<(ContactId, Buying)>> {
        Ok(self.standings.buyers_after(after, limit))
    }

    fn standing_of(&self, contact: ContactId) -> Result<Option<Standing>> {
        Ok(self.standings.standing_of(contact))
    }

    fn put_standing(&mut self, contact: ContactId, standing: &Standing) -> Result<()> {
        self.standings.put_standing(contact, standing)
    }

    fn add_move(&mut self, moved: &Move) -> Result<()> {
        self.person_mut(moved.contact)?;
        self.standings.add_move(moved);
        Ok(())
    }

    fn moves_of(&self, contact: ContactId) -> Result<Vec<Move>> {
        Ok(self.standings.moves_of(contact))
    }

    fn ranking(&self) -> Result<Option<Ranking>> {
        Ok(self.standings.ranking.clone())
    }

    fn put_ranking(&mut self, ranking: &Ranking) -> Result<()> {
        self.standings.ranking = Some(ranking.clone());
        Ok(())
    }
}

#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    tags: HashMap<ContactId, BTreeMap<String, At>>,
    points: HashMap<ContactId, BTreeMap<(String, u32), PointsLine>>,
    pub definitions: BTreeMap<String, Definition>,
    looked: HashMap<ContactId, At>,
    memberships: HashMap<ContactId, BTreeMap<String, Membership>>,
    buyers: BTreeMap<ContactId, Buyer>,
    moves: HashMap<ContactId, BTreeMap<At, Move>>,
    pub ranking: Option<Ranking>,
}

#[derive(Debug, Clone)]
struct Buyer {
    buying: Buying,
    standing: Option<Standing>,
}

impl Known {
    pub fn put_tag(&mut self, contact: ContactId, tag: &str, at: At) {
        self.tags.entry(contact).or_default().entry(tag.to_owned()).or_insert(at);
    }

    pub fn drop_tag(&mut self, contact: ContactId, tag: &str) {
        if let Some(tags) = self.tags.get_mut(&contact) {
            tags.remove(tag);
        }
    }

    pub fn tags_of(&self, contact: ContactId) -> Vec<Tagged> {
        let tags = self.tags.get(&contact).into_iter().flatten();
        tags.map(|(tag, at)| Tagged { tag: tag.clone(), at: *at }).collect()
    }

    pub fn add_points(&mut self, contact: ContactId, line: &PointsLine) -> bool {
        let ledger = self.points.entry(contact).or_default();
        let name = (line.about.clone(), line.part);
        let new = !ledger.contains_key(&name);
        ledger.entry(name).or_insert_with(|| line.clone());
        new
    }

    pub fn points_of(&self, contact: ContactId) -> Vec<PointsLine> {
        self.points.get(&contact).into_iter().flat_map(|ledger| ledger.values()).cloned().collect()
    }

    pub fn looked(&self, contact: ContactId) -> Option<At> {
        self.looked.get(&contact).copied()
    }

    pub fn put_looked(&mut self, contact: ContactId, at: At) {
        self.looked.insert(contact, at);
    }

    pub fn memberships_of(&self, contact: ContactId) -> Vec<Membership> {
        self.memberships.get(&contact).into_iter().flat_map(|all| all.values()).cloned().collect()
    }

    pub fn put_membership(&mut self, contact: ContactId, membership: &Membership) {
        self.memberships.entry(contact).or_default().insert(membership.segment.clone(), membership.clone());
    }

    pub fn drop_membership(&mut self, contact: ContactId, segment: &str) {
        if let Some(memberships) = self.memberships.get_mut(&contact) {
            memberships.remove(segment);
        }
    }

    pub fn buying_of(&self, contact: ContactId) -> Option<Buying> {
        self.buyers.get(&contact).map(|buyer| buyer.buying)
    }

    pub fn put_buying(&mut self, contact: ContactId, buying: Option<&Buying>) {
        match buying {
            None => drop(self.buyers.remove(&contact)),
            Some(buying) => {
                self.buyers.entry(contact).or_insert(Buyer { buying: *buying, standing: None }).buying = *buying;
            }
        }
    }

    pub fn count_buyers(&self) -> u64 {
        self.buyers.len() as u64
    }

    pub fn buyers_at(&self, by: Measure, places: &[u64]) -> Vec<i64> {
        let mut values: Vec<i64> = self.buyers.values().map(|buyer| by.of(&buyer.buying)).collect();
        values.sort_unstable();
        places.iter().filter_map(|place| values.get(usize::try_from(*place).ok()?).copied()).collect()
    }

    pub fn buyers_after(&self, after: ContactId, limit: usize) -> Vec<(ContactId, Buying)> {
        let next = ContactId(after.0.saturating_add(1));
        self.buyers.range(next..).take(limit).map(|(id, buyer)| (*id, buyer.buying)).collect()
    }

    pub fn standing_of(&self, contact: ContactId) -> Option<Standing> {
        self.buyers.get(&contact)?.standing.clone()
    }

    pub fn put_standing(&mut self, contact: ContactId, standing: &Standing) -> Result<()> {
        let buyer = self.buyers.get_mut(&contact);
        buyer.with_context(|| format!("buyer {} is not there", contact.0))?.standing = Some(standing.clone());
        Ok(())
    }

    pub fn add_move(&mut self, moved: &Move) {
        self.moves.entry(moved.contact).or_default().entry(moved.at).or_insert_with(|| moved.clone());
    }

    pub fn moves_of(&self, contact: ContactId) -> Vec<Move> {
        self.moves.get(&contact).into_iter().flat_map(|moves| moves.values()).take(200).cloned().collect()
    }

    pub fn merge(&mut self, from: ContactId, into: ContactId) {
        let theirs = self.points.remove(&from).unwrap_or_default();
        let kept = self.points.entry(into).or_default();
        let both: Vec<String> = kept.keys().map(|(about, _)| about.clone()).collect();
        kept.extend(theirs.into_iter().filter(|((about, _), _)| !both.contains(about)));
        for (tag, at) in self.tags.remove(&from).into_iter().flatten() {
            let known = self.tags.entry(into).or_default().entry(tag).or_insert(at);
            *known = (*known).min(at);
        }
        for moved in self.moves.remove(&from).into_iter().flat_map(BTreeMap::into_values) {
            self.add_move(&Move { contact: into, ..moved });
        }
        self.forget(from);
    }

    /// The ledger and the moves are figures, of nobody now.
    pub fn forget(&mut self, contact: ContactId) {
        self.tags.remove(&contact);
        self.memberships.remove(&contact);
        self.looked.remove(&contact);
        self.buyers.remove(&contact);
    }
}
