//! What the text of a resource that AWS refuses, or that matches nothing, was most likely meant to
//! be.

use super::expand::{ActionRef, Memo};
use super::fit::Fit;
use super::placeholder::placeholder;
use super::shape::Format;
use super::subject::Subject;
use crate::arn::Arn;
use crate::pattern;
use crate::policy::{ResourcePattern, Statement};

/// The actions of CloudWatch Logs on log streams, which are authorised on the ARN of the log group
/// with `:*` behind it or on that of a stream (Amazon CloudWatch Logs User Guide, "Overview of
/// managing access permissions to your CloudWatch Logs resources"; read 2026-11).
const STREAM_ACTIONS: [&str; 4] = [
    "logs:CreateLogStream",
    "logs:DeleteLogStream",
    "logs:GetLogEvents",
    "logs:PutLogEvents",
];

/// Namespaces of which no resource is AWS's own or in no account: their ARNs all have an account,
/// and a Region unless AWS's reference has none (Service Authorization Reference, the pages of each
/// service, "Resource types"; read 2026-11). Others, such as `ssm`, have documents of AWS's that
/// have none.
const OWNED: [&str; 20] = [
    "athena",
    "batch",
    "codebuild",
    "codepipeline",
    "cognito-idp",
    "dynamodb",
    "ecr",
    "ecs",
    "eks",
    "events",
    "firehose",
    "glue",
    "iam",
    "kinesis",
    "kms",
    "lambda",
    "secretsmanager",
    "sns",
    "sqs",
    "states",
];

impl Subject<'_> {
    /// Returns the resource texts of a statement that are ARNs, taken apart; not those with a
    /// template's placeholders or a variable before the fifth colon.
    pub fn arns<'s>(
        &self,
        statement: &'s Statement,
    ) -> impl Iterator<Item = (&'s ResourcePattern, Arn<'s>)> {
        let patterns = statement.resource.iter().flat_map(|it| it.patterns.iter());
        patterns.filter_map(|pattern| {
            let arn = Arn::parse(pattern.template.text())?;
            let parts = [arn.partition, arn.service, arn.region, arn.account];
            let is_open = parts.iter().any(|it| it.contains(['{', '<', '$', '%']));
            // What is no account and no Region may be a word that stands for one.
            let is_word = |part: &str| {
                !part.is_empty() && !part.bytes().any(|it| it.is_ascii_digit() || it == b'*')
            };
            let is_suspect = is_word(arn.account) || is_word(arn.region);
            let is_open = is_open || is_suspect && placeholder(pattern.template.text()).is_some();
            (!is_open).then_some((pattern, arn))
        })
    }

    /// Returns the action texts of a statement that are about log streams, by position.
    #[must_use]
    pub fn stream_actions(&self, statement: &Statement) -> Vec<usize> {
        let patterns = statement.action.patterns.iter().enumerate();
        let own = patterns.filter(|(_, it)| {
            let mut actions = STREAM_ACTIONS.iter();
            !it.has_wildcard() && actions.any(|name| name.eq_ignore_ascii_case(&it.text))
        });
        own.map(|(at, _)| at).collect()
    }

    /// Returns S3 texts to add, so that the unmatched actions of a statement have a resource: the
    /// objects of its buckets, or the buckets of its objects.
    #[must_use]
    pub fn missing_s3_resources(&self, at: usize) -> Vec<String> {
        let Some(statement) = self.document.statements.get(at) else {
            return Vec::new();
        };
        let unmatched = &self.matching(at).unmatched;
        let mut found = Vec::new();
        for (_, arn) in self.arns(statement) {
            if arn.service != "s3" || !arn.region.is_empty() || !arn.account.is_empty() {
                return Vec::new();
            }
            let resource = match arn.resource.split_once('/') {
                None => format!("{}/*", arn.resource),
                Some((bucket, _)) => bucket.to_owned(),
            };
            let text = format!("arn:{}:s3:::{resource}", arn.partition);
            if !found.contains(&text) {
                found.push(text);
            }
        }
        let fits = |position: &usize| {
            let pattern = statement.action.patterns.get(*position);
            let actions = pattern.map(|it| self.memo.expand(it.folded()));
            actions.is_some_and(|it| it.iter().any(|it| self.fits_any(&found, *it)))
        };
        if found.is_empty() || !unmatched.iter().all(fits) {
            return Vec::new();
        }
        found
    }

    fn fits_any(&self, texts: &[String], action: ActionRef) -> bool {
        texts.iter().any(|text| {
            let Some(arn) = Arn::parse(text) else {
                return false;
            };
            let formats = self.memo.formats_of(action);
            formats.iter().flatten().any(|it| it.can_be(arn))
        })
    }

    /// Returns the action texts that work on KMS keys only, each with a text that names an alias.
    #[must_use]
    pub fn actions_on_aliases<'s>(
        &self,
        statement: &'s Statement,
    ) -> Vec<(usize, &'s ResourcePattern)> {
        let is_alias = |arn: &Arn<'_>| arn.service == "kms" && arn.resource.starts_with("alias/");
        let Some((alias, _)) = self.arns(statement).find(|(_, arn)| is_alias(arn)) else {
            return Vec::new();
        };
        let patterns = statement.action.patterns.iter().enumerate();
        let own = patterns.filter(|(_, it)| {
            let actions = self.memo.expand(it.folded());
            !actions.is_empty()
                && actions.iter().all(|action| {
                    let types = &action.action.resource_types;
                    action.service.prefix() == "kms"
                        && !types.is_empty()
                        && self.memo.fit(alias, *action) == Fit::OtherType
                })
        });
        own.map(|(at, _)| (at, alias)).collect()
    }
}

impl Memo {
    /// Returns whether all ARNs of a namespace name an account of a customer's.
    #[must_use]
    pub fn is_owned(&self, namespace: &str) -> bool {
        OWNED.contains(&namespace)
    }

    /// Returns what a text that is no ARN most likely stands for.
    #[must_use]
    pub fn meant_by_no_arn(&self, text: &str) -> Option<String> {
        let text = text.trim();
        if !text.is_empty() && text.bytes().all(|byte| byte == b'*') {
            return Some("*".into());
        }
        if let Some(path) = text.strip_prefix("s3://").filter(|it| !it.is_empty()) {
            return Some(format!("arn:aws:s3:::{path}"));
        }
        let head = text.get(..4)?;
        if head.eq_ignore_ascii_case("arn:") {
            return Some(format!("arn:{}", &text[4..]));
        }
        let (partition, _) = text.split_once(':')?;
        let with_prefix = format!("arn:{text}");
        let is_known = self.catalog().partition(partition).is_some();
        (is_known && Arn::parse(&with_prefix).is_some()).then_some(with_prefix)
    }

    /// Returns what an ARN with too few parts most likely stands for: the missing colon, or `*` for
    /// each part that a last `*` should stand for.
    #[must_use]
    pub fn meant_by_short_arn(&self, text: &str) -> Option<String> {
        let missing = 5_usize.checked_sub(text.bytes().filter(|it| *it == b':').count())?;
        let (head, last) = text.rsplit_once(':')?;
        if last == "*" {
            return Some(format!("{text}{}", ":*".repeat(missing)));
        }
        let longer = format!("{head}:{}{last}", ":".repeat(missing));
        let arn = Arn::parse(&longer)?;
        let is_known = self.likely_formats(arn).iter().any(|it| it.can_be(arn));
        is_known.then_some(longer)
    }

    /// Returns the spelling of a resource type that a misspelt one most likely stands for, where
    /// the text is like no ARN of its namespace: `table/x` for `tables/x`.
    #[must_use]
    pub fn meant_resource_type(&self, arn: Arn<'_>) -> Option<(String, String)> {
        if pattern::has_wildcard(arn.service) || !self.likely_formats(arn).is_empty() {
            return None;
        }
        let at = arn.resource.find(['/', ':'])?;
        let (word, rest) = arn.resource.split_at(at);
        if word.len() < 3 || pattern::has_wildcard(word) || word.contains('$') {
            return None;
        }
        let formats = self.formats(arn.service);
        let mut words: Vec<&str> = formats.iter().filter_map(|it| it.type_word()).collect();
        words.sort_unstable();
        words.dedup();
        let lower = word.to_ascii_lowercase();
        let mut near = words.into_iter().filter(|it| {
            let most = if it.len() > 5 { 2 } else { 1 };
            strsim::osa_distance(&lower, &it.to_ascii_lowercase()) <= most
        });
        let meant = near.next()?;
        if near.next().is_some() {
            return None;
        }
        let resource = format!("{meant}{rest}");
        let fixed = Arn {
            resource: &resource,
            ..arn
        };
        if self.likely_formats(fixed).is_empty() {
            return None;
        }
        let text = format!(
            "arn:{}:{}:{}:{}:{resource}",
            arn.partition, arn.service, arn.region, arn.account
        );
        Some((meant.to_owned(), text))
    }
}

impl Format {
    /// Returns the word that starts the resource part, where it is a fixed one.
    fn type_word(&self) -> Option<&str> {
        let at = self.resource().find(['/', ':'])?;
        let word = &self.resource()[..at];
        (!word.is_empty() && !pattern::has_wildcard(word)).then_some(word)
    }
}

impl Memo {
    /// Returns the Region that a misspelt one most likely stands for, if one is nearest.
    #[must_use]
    pub fn meant_region(&self, name: &str) -> Option<&'static str> {
        let lower = name.to_ascii_lowercase();
        let mut near: Vec<(usize, &str)> = self
            .catalog()
            .regions()
            .map(|it| (strsim::osa_distance(&lower, it), it))
            .filter(|(distance, _)| *distance <= 2)
            .collect();
        near.sort_unstable();
        match near.as_slice() {
            [(_, only)] => Some(only),
            [(first, best), (second, _), ..] if first < second => Some(best),
            _ => None,
        }
    }

    /// Returns whether the account of an ARN can be an account id, or is one that AWS writes
    /// there.
    #[must_use]
    pub fn can_be_account(&self, arn: Arn<'_>) -> bool {
        let account = arn.account;
        if account.is_empty() || account == "aws" || crate::arn::is_account_id(account) {
            return true;
        }
        let is_number = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'*' | b'?');
        if pattern::has_wildcard(account)
            && account.bytes().all(is_number)
            && pattern::overlap(account, "????????????", |a, b| a == b)
        {
            return true;
        }
        let formats = self.likely_formats(arn);
        formats
            .iter()
            .any(|it| &*it.account != "*" && pattern::matches(account, &it.account))
    }
}
