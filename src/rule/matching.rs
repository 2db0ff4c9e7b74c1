//! Which actions and resources of a statement go together.
//!
//! One resource of several is enough for an action, and one action of several for a pattern. Where
//! a resource is of a shape that AWS's reference does not list, actions may well work on it.

use super::shape::open_text;
use super::subject::Subject;
use crate::arn::Arn;
use crate::pattern;
use crate::policy::Statement;

/// Services that share their prefix with another one, of which AWS's reference has a page each: what
/// is known of an action may be half of it (Service Authorization Reference, the pages of "Elastic
/// Load Balancing" and "Elastic Load Balancing V2" and so on; read 2026-11).
const SEVERAL_PAGES: [&str; 7] = [
    "apigateway",
    "aws-marketplace",
    "elasticloadbalancing",
    "greengrass",
    "kinesisanalytics",
    "lex",
    "ses",
];

/// What does not go together in a statement, by the positions of its texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matching {
    /// Action texts that work on resources, none of which the statement names, and that no other
    /// statement names with resources that it works on.
    pub unmatched: Vec<usize>,
    /// Action texts that work on no resource, so only `*` goes with them, and that no other
    /// statement names on `*`.
    pub star_only: Vec<usize>,
    /// Resource texts of a known shape that no action of the statement works on.
    pub unused: Vec<usize>,
}

/// Services whose actions and resources the Service Authorization Reference (2026-09) lists whole, as
/// far as policies that AWS publishes show. Of others they name resources that are not listed, such
/// as data sets for `quicksight:CreateDataSet`.
const WHOLE_LISTS: [&str; 19] = [
    "cloudwatch",
    "dynamodb",
    "ec2",
    "ecr",
    "ecs",
    "events",
    "execute-api",
    "firehose",
    "iam",
    "kinesis",
    "kms",
    "lambda",
    "logs",
    "s3",
    "secretsmanager",
    "sns",
    "sqs",
    "states",
    "sts",
];

/// Those of them of which the same holds for actions without resources. `iam:ListRoles` and
/// `logs:DescribeLogGroups` are authorised on the path or prefix that they ask for.
const WHOLE_STAR_LISTS: [&str; 11] = [
    "cloudwatch",
    "dynamodb",
    "ec2",
    "ecr",
    "kms",
    "lambda",
    "s3",
    "secretsmanager",
    "sns",
    "sqs",
    "sts",
];

impl Subject<'_> {
    /// Returns what does not go together in a statement; nothing where it names all but some, or
    /// everything, or where a text cannot be read.
    #[must_use]
    pub fn matching(&self, at: usize) -> &Matching {
        static NOTHING: Matching = Matching {
            unmatched: Vec::new(),
            star_only: Vec::new(),
            unused: Vec::new(),
        };
        let all = self.known.matching.get_or_init(|| {
            let statements = self.document.statements.iter();
            let mut all: Vec<_> = statements.map(|it| self.match_up(it)).collect();
            let missing: Vec<Vec<usize>> = all
                .iter()
                .map(|it| [&it.unmatched[..], &it.star_only].concat())
                .collect();
            for (at, own) in all.iter_mut().enumerate() {
                let is_sure = |it: &usize, star| {
                    self.is_surely_listed(at, *it, star)
                        && !self.is_named_elsewhere(at, *it, &missing)
                };
                own.star_only.retain(|it| is_sure(it, true));
                own.unmatched.retain(|it| is_sure(it, false));
            }
            all
        });
        all.get(at).unwrap_or(&NOTHING)
    }

    /// Returns whether AWS's reference is to be taken at its word about an action text and the
    /// resources of its statement: these are of other services, or the service is one whose lists
    /// are known to be whole.
    fn is_surely_listed(&self, at: usize, pattern: usize, is_star_only: bool) -> bool {
        let statement = &self.document.statements[at];
        let action = &statement.action.patterns[pattern];
        let text = action.folded();
        let service = text.split(':').next().unwrap_or_default();
        let resources = statement.resource.iter().flat_map(|it| &it.patterns);
        resources.into_iter().all(|it| {
            let text = open_text(it);
            let Some(arn) = Arn::parse(&text) else {
                return false;
            };
            if !pattern::has_wildcard(arn.service) && !self.is_namespace(service, arn.service) {
                return true;
            }
            let lists: &[&str] = if is_star_only {
                &WHOLE_STAR_LISTS
            } else {
                &WHOLE_LISTS
            };
            lists.contains(&service)
        })
    }

    /// Returns whether ARNs of this namespace name resources of a service.
    fn is_namespace(&self, service: &str, namespace: &str) -> bool {
        let own = self.memo.catalog().service(service);
        // Sessions are Systems Manager's, and any resource has tags (AWS: "Quickstart default IAM
        // policies for Session Manager").
        let is_shared = matches!((service, namespace), ("ssmmessages", "ssm") | ("tag", _));
        service == namespace
            || is_shared
            || own.is_some_and(|own| {
                let types = own.resource_types().iter();
                let mut templates = types.flat_map(|it| it.arn_templates.iter());
                templates.any(|it| Arn::parse(it).is_some_and(|it| it.service == namespace))
            })
    }

    /// Returns whether another statement of the same effect names the action with resources that it
    /// works on: then nothing is missing, and the text is one of a list that was kept whole.
    fn is_named_elsewhere(&self, at: usize, pattern: usize, missing: &[Vec<usize>]) -> bool {
        let statements = &self.document.statements;
        let own = &statements[at];
        let text = own.action.patterns[pattern].folded();
        let others = statements.iter().zip(missing).enumerate();
        others
            .filter(|(other, (it, _))| {
                *other != at && it.effect == own.effect && !it.action.negated
            })
            .any(|(_, (it, missing))| {
                let mut names = it.action.patterns.iter().enumerate();
                names.any(|(place, it)| {
                    pattern::includes(it.folded(), text, |a, b| a == b) && !missing.contains(&place)
                })
            })
    }

    fn match_up(&self, statement: &Statement) -> Matching {
        let mut found = Matching::default();
        let actions = &statement.action;
        let Some(resources) = &statement.resource else {
            return found;
        };
        if actions.negated || resources.negated || resources.patterns.is_empty() {
            return found;
        }
        if resources
            .patterns
            .iter()
            .any(|it| it.template.text() == "*")
            || actions.patterns.iter().any(|it| &*it.text == "*")
        {
            return found;
        }
        let texts: Vec<_> = resources.patterns.iter().map(open_text).collect();
        let arns: Option<Vec<Arn<'_>>> = texts.iter().map(|it| Arn::parse(it)).collect();
        let Some(arns) = arns else {
            return found;
        };
        let mut used = vec![false; arns.len()];
        let mut is_all_used = false;
        for (at, pattern) in actions.patterns.iter().enumerate() {
            let expanded = self.memo.expand(pattern.folded());
            let (mut is_matched, mut has_types) = (expanded.is_empty(), false);
            // What is not in the catalog may work on anything.
            if expanded.is_empty() {
                used.fill(true);
                is_all_used = true;
            }
            for action in expanded.iter() {
                if is_matched && is_all_used {
                    break;
                }
                for format in self.memo.formats_of(*action).iter() {
                    has_types = true;
                    for (arn, used) in arns.iter().zip(&mut used) {
                        if (!*used || !is_matched)
                            && format.as_ref().is_none_or(|it| it.can_be(*arn))
                        {
                            *used = true;
                            is_matched = true;
                        }
                    }
                }
                is_all_used = used.iter().all(|it| *it);
            }
            let prefix = pattern.folded().split(':').next().unwrap_or_default();
            if SEVERAL_PAGES.contains(&prefix) {
                for (arn, used) in arns.iter().zip(&mut used) {
                    *used |= arn.service == prefix;
                    is_matched |= *used;
                }
            }
            match (is_matched, has_types) {
                (true, _) => {}
                (false, true) => found.unmatched.push(at),
                (false, false) if arns.iter().any(|it| is_open_in(*it, prefix)) => {}
                (false, false) => found.star_only.push(at),
            }
        }
        if found == Matching::default() && is_all_used {
            return found;
        }
        let is_known = |at: usize| self.memo.has_known_shape(&resources.patterns[at]);
        if !(0..arns.len()).all(is_known) {
            found.unmatched.clear();
        }
        let unused = (0..arns.len()).filter(|at| !used[*at] && is_known(*at));
        found.unused = unused.collect();
        found
    }
}

/// Returns whether an ARN names all of a type in a service. Some actions without resource types are
/// authorised on such a text all the same: `iam:ListRoles` on `role/`, `s3:ListAllMyBuckets` on
/// every bucket, `logs:DescribeLogGroups` on `log-group::log-stream:`, as the messages of denied
/// requests show.
fn is_open_in(arn: Arn<'_>, service: &str) -> bool {
    // Those of Amazon EC2 that describe are authorised on nothing (Amazon EC2 User Guide, "IAM
    // policies for Amazon EC2").
    let is_own = service != "ec2" && arn.service == service || pattern::has_wildcard(arn.service);
    let is_wide = |it: &str| it.bytes().all(|it| matches!(it, b'*' | b'/' | b':'));
    let rest = arn
        .resource
        .find(['/', ':'])
        .map_or(arn.resource, |at| &arn.resource[at..]);
    is_own && (is_wide(rest) || is_wide(arn.resource))
}
