//! What a statement allows on every resource although it could be limited to some.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use rustc_hash::FxHashSet;

use super::context::RuleContext;
use super::escalation::families;
use super::expand::ActionRef;
use super::exposure::{
    COPY_OUT, DECRYPT, MAKE_PUBLIC, READ_DATA, SHARE_SNAPSHOTS, WRITE_RESOURCE_POLICIES,
};
use super::subject::Subject;
use super::topic::sensitive_actions;
use crate::catalog::AccessLevel;
use crate::policy::{ActionPattern, Effect, Statement};
use crate::source::Span;

/// Actions of one access level that a statement allows on `*` and that work on resources.
#[derive(Clone, Debug)]
pub struct Wide {
    /// Their level; of several levels the most particular.
    pub level: AccessLevel,
    /// How many they are.
    pub count: usize,
    /// The first few of them.
    pub actions: Vec<ActionRef>,
    /// The action texts that name them, by position.
    pub patterns: Vec<usize>,
}

/// So many actions are named in a message.
const SHOWN: usize = 3;

/// The levels, the most particular first: AWS gives actions that tag, or manage permissions, the
/// level Write, too.
const BY_RANK: [AccessLevel; 5] = [
    AccessLevel::PermissionsManagement,
    AccessLevel::Tagging,
    AccessLevel::Write,
    AccessLevel::Read,
    AccessLevel::List,
];

impl RuleContext<'_> {
    /// Reports what the statement that the rule looks at allows on `*` of one access level. Without
    /// help of the rule's own it names a format of resources that would do.
    pub fn report_width(
        &mut self,
        statement: &Statement,
        level: AccessLevel,
        why: &str,
        help: Option<&str>,
    ) {
        let (subject, index) = (self.subject(), self.index());
        let mut all = subject.wide(index).iter();
        let Some(wide) = all.find(|it| it.level == level) else {
            return;
        };
        let Some(first) = wide.patterns.first() else {
            return;
        };
        let star = subject.open_star(statement);
        let example = || {
            let first = wide.actions.first()?;
            let format = subject.memo.format_of_action(*first)?;
            Some(format!("name resources, such as `{format}`"))
        };
        let help = match help {
            Some(help) => help.to_owned(),
            None => example().unwrap_or_else(|| "name resources".into()),
        };
        let verb = if wide.count == 1 { "is" } else { "are" };
        let message = format!(
            "{} can be limited to resources, and {verb} not",
            wide.names()
        );
        let pattern = &statement.action.patterns[*first];
        let mut report = self.report(pattern.span, message);
        if let Some(star) = star {
            report.related(star, "no resource is left out");
        }
        report.why(why).help(help);
    }
}

impl Subject<'_> {
    /// Returns what a statement allows on `*`, by access level, leaving out whole services
    /// (`s3:*`), actions that work on no resource or that rules by topic name, and statements that
    /// a condition limits.
    #[must_use]
    pub fn wide(&self, at: usize) -> &[Wide] {
        let all = self.known.wide.get_or_init(|| {
            let statements = self.document.statements.iter();
            statements.map(|it| self.widths(it)).collect()
        });
        all.get(at).map_or(&[], Vec::as_slice)
    }

    fn widths(&self, statement: &Statement) -> Vec<Wide> {
        if self.open_star(statement).is_none() || statement.action.negated {
            return Vec::new();
        }
        let mut found: Vec<Wide> = Vec::new();
        for (at, pattern) in statement.action.patterns.iter().enumerate() {
            if pattern.is_whole_service() {
                continue;
            }
            for action in self.memo.expand(pattern.folded()).iter() {
                if action.action.resource_types.is_empty() || has_own_rule(*action) {
                    continue;
                }
                let levels = action.action.access_levels;
                let Some(mut level) = BY_RANK.into_iter().find(|it| levels.contains(*it)) else {
                    continue;
                };
                if level == AccessLevel::PermissionsManagement && is_mild(&action.action.name) {
                    level = AccessLevel::Write;
                }
                let place = found.iter().position(|it| it.level == level);
                let place = place.unwrap_or_else(|| {
                    found.push(Wide {
                        level,
                        count: 0,
                        actions: Vec::new(),
                        patterns: Vec::new(),
                    });
                    found.len() - 1
                });
                let wide = &mut found[place];
                wide.count += 1;
                if wide.actions.len() < SHOWN {
                    wide.actions.push(*action);
                }
                if wide.patterns.last() != Some(&at) {
                    wide.patterns.push(at);
                }
            }
        }
        found
    }

    /// Returns the place of `*` in the resources of an Allow statement that no condition limits.
    #[must_use]
    pub fn open_star(&self, statement: &Statement) -> Option<Span> {
        if statement.effect != Effect::Allow {
            return None;
        }
        let element = statement.resource.as_ref().filter(|it| !it.negated)?;
        let star = element.patterns.iter().find(|it| it.is_everything())?;
        (!self.is_limited(statement)).then_some(star.span)
    }
}

impl Wide {
    /// Returns the actions for a message: the first few, and how many more there are.
    #[must_use]
    pub fn names(&self) -> String {
        let names: Vec<String> = self.actions.iter().map(|it| it.name()).collect();
        match self.count - names.len() {
            0 => super::name_some(&names),
            more => {
                let shown: Vec<String> = names.iter().map(|it| format!("`{it}`")).collect();
                format!("{} and {more} more", shown.join(", "))
            }
        }
    }
}

impl ActionPattern {
    /// Returns whether it names every action of this service and is no `*` alone.
    #[must_use]
    pub fn is_whole_of(&self, service: &str) -> bool {
        let prefix = self.text.split_once(':').map_or("", |(prefix, _)| prefix);
        prefix.eq_ignore_ascii_case(service) && self.is_whole_service()
    }

    /// Returns whether it names every action there is, or every one of a service: `s3:*`.
    #[must_use]
    pub fn is_whole_service(&self) -> bool {
        let text = &*self.text;
        let name = text.split_once(':').map_or(text, |(_, name)| name);
        !name.is_empty() && name.bytes().all(|byte| byte == b'*')
    }
}

impl Subject<'_> {
    /// Returns patterns such as `sqs:List*` of which a statement spells out every action there is
    /// today, `least` or more, with the positions of these.
    #[must_use]
    pub fn complete_verbs(&self, statement: &Statement, least: usize) -> Vec<(String, Vec<usize>)> {
        let mut groups: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
        for (at, pattern) in statement.action.patterns.iter().enumerate() {
            if pattern.has_wildcard() {
                continue;
            }
            if let [action] = *self.memo.expand(pattern.folded()) {
                let verb = first_word(&action.action.name);
                let group = groups.entry((action.service.prefix(), verb)).or_default();
                group.push(at);
            }
        }
        let mut found = Vec::new();
        for ((service, verb), positions) in groups {
            let wildcard = format!("{service}:{verb}*");
            let all = self.memo.expand(&wildcard.to_ascii_lowercase());
            if positions.len() >= least && all.len() == positions.len() {
                found.push((wildcard, positions));
            }
        }
        found
    }
}

/// Returns whether a rule by topic says of an action that it is allowed everywhere: one about data,
/// sharing, networks and the like, or about what gives more than was granted.
fn has_own_rule(action: ActionRef) -> bool {
    static NAMES: LazyLock<FxHashSet<(&str, &str)>> = LazyLock::new(|| {
        let exposed = [
            READ_DATA,
            SHARE_SNAPSHOTS,
            DECRYPT,
            WRITE_RESOURCE_POLICIES,
            COPY_OUT,
            MAKE_PUBLIC,
            &[
                "iam:PassRole",
                "iam:CreateServiceLinkedRole",
                "sts:AssumeRole",
            ],
        ];
        let paths = families().iter().flat_map(|it| it.paths);
        let alone = paths.filter_map(|it| match it.calls {
            [only] => Some(only.action),
            _ => None,
        });
        let exposed = exposed.into_iter().flatten().copied();
        exposed
            .chain(alone)
            .chain(sensitive_actions())
            .filter_map(|it| it.split_once(':'))
            .collect()
    });
    NAMES.contains(&(action.service.prefix(), &*action.action.name))
}

/// Returns whether an action with the level Permissions management hands out little: it only reads,
/// or lets an AWS service attach a network interface (Amazon EC2 API Reference,
/// "CreateNetworkInterfacePermission").
fn is_mild(name: &str) -> bool {
    ["Get", "List", "Describe", "Test"]
        .iter()
        .any(|it| name.starts_with(it))
        || name.ends_with("NetworkInterfacePermission")
}

/// Returns the first word of a name in capitals and small letters: `List` of `ListQueues`.
fn first_word(name: &str) -> &str {
    let mut letters = name.char_indices().skip(1);
    let end = letters.find(|(_, it)| it.is_ascii_uppercase());
    end.map_or(name, |(at, _)| &name[..at])
}
