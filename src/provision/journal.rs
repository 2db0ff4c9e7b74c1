//! What a bootstrap remembers: one entry before each call that writes, one after it.
//!
//! [`Past`] answers from the entries what was made, and which calls nobody knows the outcome of.

use std::fmt;

/// Where entries are kept. They are only added; each is on disk when the call returns.
pub trait Journal {
    /// The secret of an access key.
    type Secret;

    /// Returns every entry of this bootstrap, oldest first.
    ///
    /// # Errors
    ///
    /// They cannot be read.
    fn entries(&self) -> Result<Vec<Entry>, Lost>;

    /// Adds an entry.
    ///
    /// # Errors
    ///
    /// It is not on disk.
    fn add(&mut self, entry: &Entry) -> Result<(), Lost>;

    /// Makes sure that a secret can be kept before there is one.
    ///
    /// # Errors
    ///
    /// It could not be kept.
    fn ready(&mut self) -> Result<(), Lost>;

    /// Adds an entry and keeps the secret of the access key that it is about: both or neither.
    ///
    /// # Errors
    ///
    /// Neither is on disk.
    fn keep(&mut self, entry: &Entry, secret: Self::Secret) -> Result<(), Lost>;

    /// Returns whether the secret of this access key is kept, although no entry says so: it was
    /// written to a file, and then the run ended.
    ///
    /// # Errors
    ///
    /// It cannot be told.
    fn holds(&self, id: &str) -> Result<bool, Lost>;
}

/// The journal cannot be read or written, so nothing further is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost(pub String);

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One thing that happened, or is about to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When, in seconds since 1970.
    pub at: i64,
    /// The plan that it belongs to: when that was made.
    pub plan: String,
    /// The object, by its name in the plan.
    pub object: String,
    /// What happened.
    pub event: Event,
    /// What it is about: an ARN, the id of an access key, an account or a request; or the reason.
    pub about: String,
}

/// What happened to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A call that creates it is about to be made.
    Creates,
    /// AWS is creating it: the id of the request.
    Requested,
    /// That call took no effect: why.
    Failed,
    /// It was made: its ARN or id.
    Made,
    /// It was there and is taken for ours: its ARN or id.
    Adopted,
    /// A call that deletes it is about to be made.
    Deletes,
    /// It is gone.
    Deleted,
}

impl Event {
    /// Every event.
    pub const ALL: [Self; 7] = [
        Self::Creates,
        Self::Requested,
        Self::Failed,
        Self::Made,
        Self::Adopted,
        Self::Deletes,
        Self::Deleted,
    ];

    /// Returns its name in journals.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Creates => "creates",
            Self::Requested => "requested",
            Self::Failed => "failed",
            Self::Made => "made",
            Self::Adopted => "adopted",
            Self::Deletes => "deletes",
            Self::Deleted => "deleted",
        }
    }

    /// Returns the event of a name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }
}

/// What the entries so far say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Past(pub Vec<Entry>);

impl Past {
    fn of(&self, object: &str) -> impl DoubleEndedIterator<Item = &Entry> {
        self.0.iter().filter(move |it| it.object == object)
    }

    /// Returns whether anything was asked for that may be there.
    #[must_use]
    pub fn has_written(&self) -> bool {
        let objects = self.0.iter().map(|it| it.object.as_str());
        let objects: std::collections::BTreeSet<_> = objects.collect();
        let mut objects = objects.into_iter();
        objects.any(|it| self.there(it).is_some() || !self.open(it).is_empty())
    }

    /// Returns the entry by which an object is there: it was made or adopted, and not deleted since.
    #[must_use]
    pub fn there(&self, object: &str) -> Option<&Entry> {
        let mut settled = self
            .of(object)
            .rev()
            .filter(|it| matches!(it.event, Event::Made | Event::Adopted | Event::Deleted));
        settled.next().filter(|it| it.event != Event::Deleted)
    }

    /// Returns whether this bootstrap made the object that is there.
    #[must_use]
    pub fn made(&self, object: &str) -> bool {
        self.there(object).is_some_and(|it| it.event == Event::Made)
    }

    /// Returns the calls that create an object and whose outcome nobody has written down.
    #[must_use]
    pub fn open(&self, object: &str) -> Vec<&Entry> {
        let mut open = Vec::new();
        for entry in self.of(object) {
            match entry.event {
                Event::Creates => open.push(entry),
                Event::Failed => drop(open.pop()),
                Event::Made | Event::Adopted => open.clear(),
                // What was deleted is what an open call had left; its request is of no use either.
                Event::Deleted => drop(open.pop()),
                Event::Requested | Event::Deletes => {}
            }
        }
        open
    }

    /// Returns the id of the request that a call whose outcome is open has led to.
    #[must_use]
    pub fn request(&self, object: &str) -> Option<&str> {
        let last = self.of(object).next_back()?;
        (last.event == Event::Requested).then_some(last.about.as_str())
    }

    /// Returns the ids of every access key of an object that was made, also of those that are gone.
    #[must_use]
    pub fn known_keys(&self, object: &str) -> Vec<&str> {
        let known = self
            .of(object)
            .filter(|it| matches!(it.event, Event::Made | Event::Adopted));
        known.map(|it| it.about.as_str()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Entry, Event, Past};

    fn past(events: &[(Event, &str)]) -> Past {
        let entry = |(event, about): &(Event, &str)| Entry {
            at: 0,
            plan: String::new(),
            object: "key".to_owned(),
            event: *event,
            about: (*about).to_owned(),
        };
        Past(events.iter().map(entry).collect())
    }

    #[test]
    fn a_call_is_open_until_its_outcome_is_written() {
        let open = |events: &[(Event, &str)]| past(events).open("key").len();
        assert_eq!(open(&[(Event::Creates, "")]), 1);
        assert_eq!(open(&[(Event::Creates, ""), (Event::Failed, "no")]), 0);
        assert_eq!(open(&[(Event::Creates, ""), (Event::Made, "a")]), 0);
        let twice = [(Event::Creates, ""), (Event::Creates, "")];
        assert_eq!(open(&twice), 2);
        assert_eq!(past(&twice).open("other").len(), 0);
    }

    #[test]
    fn what_was_deleted_is_not_there() {
        let all = past(&[
            (Event::Made, "a"),
            (Event::Deletes, "a"),
            (Event::Deleted, "a"),
        ]);
        assert_eq!(all.there("key"), None);
        assert_eq!(all.known_keys("key"), ["a"]);
        assert!(!all.has_written());
    }

    #[test]
    fn names_lead_back() {
        for event in Event::ALL {
            assert_eq!(Event::of_name(event.name()), Some(event));
        }
    }
}
