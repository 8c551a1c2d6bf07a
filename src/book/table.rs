//! Rows by key, remembering which are new and which changed since the last save. Ordered, so that
//! what reaches the database never depends on the layout of memory.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::ids::MemberId;

/// What a table keeps.
pub trait TableRow {
    /// What of a row is remembered when it changes, to know by how much it did.
    type Mark: std::fmt::Debug + Default;

    /// That.
    fn mark(&self) -> Self::Mark;

    /// The member whose row it is, for good; rows of nobody are found by key alone.
    fn owner(&self) -> Option<MemberId> {
        None
    }
}

/// Rows of one kind.
#[derive(Debug)]
pub struct Table<K, V: TableRow> {
    /// Boxed, so that making room for a key moves no rows.
    rows: BTreeMap<K, Box<V>>,
    owned: BTreeMap<MemberId, BTreeSet<K>>,
    added: BTreeSet<K>,
    /// Each as it stood in the database.
    changed: BTreeMap<K, V::Mark>,
    edited: bool,
}

impl<K, V: TableRow> Default for Table<K, V> {
    fn default() -> Self {
        Self {
            rows: BTreeMap::new(),
            owned: BTreeMap::new(),
            added: BTreeSet::new(),
            changed: BTreeMap::new(),
            edited: true,
        }
    }
}

impl<K: Copy + Ord, V: TableRow> Table<K, V> {
    /// A row as it stands in the database. One that is here already is newer and stays.
    pub fn load(&mut self, key: K, row: V) {
        self.edited = true;
        self.note_owner(key, &row);
        self.rows.entry(key).or_insert_with(|| Box::new(row));
    }

    /// A new row.
    pub fn add(&mut self, key: K, row: V) {
        self.edited = true;
        self.note_owner(key, &row);
        self.added.insert(key);
        self.rows.insert(key, Box::new(row));
    }

    /// Read a row.
    #[must_use]
    pub fn get(&self, key: K) -> Option<&V> {
        self.rows.get(&key).map(Box::as_ref)
    }

    /// Change a row.
    pub fn edit(&mut self, key: K) -> Option<&mut V> {
        let row = self.rows.get_mut(&key)?;
        self.edited = true;
        if !self.added.contains(&key) {
            self.changed.entry(key).or_insert_with(|| row.mark());
        }
        Some(row)
    }

    /// All rows, in order of key.
    #[must_use]
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> {
        self.rows.values().map(Box::as_ref)
    }

    /// The rows of one member, in order of key, without a look at the others.
    #[must_use]
    pub fn of(&self, owner: MemberId) -> impl DoubleEndedIterator<Item = &V> {
        self.owned.get(&owner).into_iter().flatten().filter_map(|key| self.get(*key))
    }

    /// All rows with their keys, in order.
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        self.rows.iter().map(|(key, row)| (key, row.as_ref()))
    }

    /// Whether the row is here.
    #[must_use]
    pub fn contains(&self, key: K) -> bool {
        self.rows.contains_key(&key)
    }

    /// How many rows are here.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether no row is here.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Rows added since the last save.
    pub fn added(&self) -> impl Iterator<Item = (K, &V)> {
        self.added.iter().filter_map(|&key| Some((key, self.get(key)?)))
    }

    /// Rows changed since the last save, new ones not counted.
    pub fn changed(&self) -> impl Iterator<Item = (K, &V)> {
        self.changed.keys().filter_map(|&key| Some((key, self.get(key)?)))
    }

    /// Rows added or changed since the last save, each with how it stood then; of a new one, nothing.
    pub fn moved(&self) -> impl Iterator<Item = (&V, Option<&V::Mark>)> {
        let added = self.added().map(|(_, row)| (row, None));
        added.chain(
            self.changed.iter().filter_map(|(&key, mark)| Some((self.get(key)?, Some(mark)))),
        )
    }

    /// Everything is in the database now.
    pub fn saved(&mut self) {
        self.added.clear();
        self.changed.clear();
    }

    /// Whether anything was loaded, added or changed since [`Self::forget_edits`].
    #[must_use]
    pub fn was_edited(&self) -> bool {
        self.edited
    }

    /// Start watching anew.
    pub fn forget_edits(&mut self) {
        self.edited = false;
    }

    /// Drop rows that are safely in the database.
    pub fn retain(&mut self, keep: impl Fn(&K, &V) -> bool) {
        let Self { rows, owned, .. } = self;
        rows.retain(|key, row| keep(key, row));
        owned.retain(|_, keys| {
            keys.retain(|key| rows.contains_key(key));
            !keys.is_empty()
        });
    }

    fn note_owner(&mut self, key: K, row: &V) {
        if let Some(owner) = row.owner() {
            self.owned.entry(owner).or_default().insert(key);
        }
    }
}
