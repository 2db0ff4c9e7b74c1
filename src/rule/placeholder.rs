//! Placeholders of templates and of documentation that were left in a policy.
//!
//! None of them can be a name or a value that AWS knows, so what is found is sure; names that only
//! look like examples are left alone.

use super::variable::{WrittenVariable, written_variables};
use crate::arn::Arn;

/// Words that stand for an account id or a region in documentation, letters alone.
const ACCOUNT_WORDS: [&str; 12] = [
    "account",
    "accountid",
    "accountnumber",
    "awsaccount",
    "awsaccountid",
    "awsaccountnumber",
    "customeraccountid",
    "myaccountid",
    "targetaccountid",
    "youraccount",
    "youraccountid",
    "yourawsaccountid",
];
const REGION_WORDS: [&str; 4] = ["awsregion", "region", "regionid", "yourregion"];

/// Names of nothing but documentation.
const YOUR_NAMES: [&str; 6] = [
    "your-account-id",
    "your-bucket",
    "your-bucket-name",
    "your_account_id",
    "your_bucket",
    "your_bucket_name",
];

/// What templates of the Serverless Framework name before a colon (`${self:custom.x}`).
const TEMPLATE_SOURCES: [&str; 7] = ["cf", "env", "file", "opt", "param", "self", "sls"];

/// Returns the first placeholder of a text, as it is written.
#[must_use]
pub fn placeholder(text: &str) -> Option<&str> {
    // Nearly every text has none of these characters.
    let is_suspect = |byte: u8| matches!(byte, b'<' | b'{' | b'%' | b'$' | b'_' | b'[');
    let marked = text.bytes().any(is_suspect).then(|| marked(text)).flatten();
    marked.or_else(|| in_arn(text)).or_else(|| word(text))
}

fn marked(text: &str) -> Option<&str> {
    enclosed(text, "{{", "}}", |_| true)
        .or_else(|| enclosed(text, "<", ">", is_name))
        .or_else(|| enclosed(text, "#{", "}", |_| true))
        .or_else(|| enclosed(text, "%{", "}", |_| true))
        .or_else(|| enclosed(text, "&{", "}", |it| it.contains(':')))
        .or_else(|| enclosed(text, "$${", "}", |it| it.contains(':')))
        .or_else(|| enclosed(text, "$(", ")", |_| true))
        .or_else(|| enclosed(text, "__", "__", |it| is_shouted(it) && is_of_aws(it)))
        .or_else(|| enclosed(text, "[", "]", |it| is_known_word(&letters(it))))
        .or_else(|| {
            let mut variables = written_variables(text);
            variables.find(is_template_variable).map(|it| it.whole)
        })
        .or_else(|| shell_variable(text))
        .or_else(|| format_verb(text))
}

/// Returns whether this is no policy variable but a hole of a template: context keys have a prefix
/// and one colon (`aws:username`), while CloudFormation writes `${AWS::AccountId}` and `${Bucket}`,
/// Terraform `${var.bucket}`.
#[must_use]
pub fn is_template_variable(variable: &WrittenVariable<'_>) -> bool {
    let key = variable.key().trim();
    if !variable.is_closed || variable.is_escape() || key.is_empty() {
        return false;
    }
    match key.split_once(':') {
        None => true,
        Some((prefix, rest)) => {
            rest.starts_with(':')
                || TEMPLATE_SOURCES.contains(&prefix)
                || key.contains(['(', '"', '?'])
        }
    }
}

/// Returns the first text between these marks whose inside fits.
fn enclosed<'t>(
    text: &'t str,
    open: &str,
    close: &str,
    fits: impl Fn(&str) -> bool,
) -> Option<&'t str> {
    let mut from = 0;
    while let Some(at) = text.get(from..)?.find(open) {
        let start = from + at;
        let inside = start + open.len();
        let length = text[inside..].find(close)?;
        let inner = &text[inside..inside + length];
        if !inner.trim().is_empty() && fits(inner) {
            return Some(&text[start..inside + length + close.len()]);
        }
        from = inside;
    }
    None
}

/// `ACCOUNT_ID`, `your bucket`: words, as nobody would put in brackets otherwise.
fn is_name(inner: &str) -> bool {
    inner.len() <= 60
        && inner.starts_with(|it: char| it.is_ascii_alphabetic())
        && inner
            .chars()
            .all(|it| it.is_alphanumeric() || matches!(it, '_' | '-' | ' ' | '.'))
}

/// `ACCOUNT_ID`.
fn is_shouted(word: &str) -> bool {
    word.starts_with(|it: char| it.is_ascii_uppercase())
        && word
            .bytes()
            .all(|it| it.is_ascii_uppercase() || it.is_ascii_digit() || it == b'_')
}

/// `ACCOUNT_ID`, but not `HIVE_DEFAULT_PARTITION`, which is the name of a folder.
fn is_of_aws(word: &str) -> bool {
    const WORDS: [&str; 6] = ["ACCOUNT", "ARN", "BUCKET", "REGION", "ROLE", "STAGE"];
    word.split('_').any(|it| WORDS.contains(&it))
}

/// `$ACCOUNT_ID`, but not `$LATEST`, a version of every Lambda function.
fn shell_variable(text: &str) -> Option<&str> {
    text.match_indices('$').find_map(|(at, _)| {
        let rest = &text[at + 1..];
        let end = rest
            .find(|it: char| !(it.is_ascii_uppercase() || it.is_ascii_digit() || it == '_'))
            .unwrap_or(rest.len());
        let name = &rest[..end];
        let is_known = name.contains('_') || matches!(name, "ACCOUNT" | "BUCKET" | "REGION");
        (is_shouted(name) && is_known).then(|| &text[at..=at + end])
    })
}

/// `%s` of a format string; not the start of a percent-encoded byte.
fn format_verb(text: &str) -> Option<&str> {
    text.match_indices("%s").find_map(|(at, verb)| {
        let next = text[at + 2..].chars().next();
        let ends = next.is_none_or(|it| !it.is_alphanumeric());
        ends.then_some(verb)
    })
}

/// An account id or a region that was not filled in.
fn in_arn(text: &str) -> Option<&str> {
    let arn = Arn::parse(text)?;
    let is_crossed_out = |it: &str| it.len() >= 8 && it.bytes().all(|it| matches!(it, b'x' | b'X'));
    let account = ACCOUNT_WORDS.contains(&&*letters(arn.account)) || is_crossed_out(arn.account);
    if account && !arn.account.is_empty() {
        return Some(arn.account);
    }
    let is_region = REGION_WORDS.contains(&&*letters(arn.region));
    is_region.then_some(arn.region)
}

/// `REPLACE_ME` and its like.
fn word(text: &str) -> Option<&str> {
    let separators = |it: char| matches!(it, ':' | '/' | '*' | '.' | ',' | ' ');
    text.split(separators).find(|it| {
        let is_order = |words: &[&str]| {
            words.iter().any(|word| {
                let head = it.get(..word.len());
                let ends = || !it[word.len()..].starts_with(|it: char| it.is_alphanumeric());
                head.is_some_and(|head| head.eq_ignore_ascii_case(word)) && ends()
            })
        };
        // Whole words in capitals: `YOUR_BUCKET`.
        let is_yours = (it.starts_with("YOUR_") || it.starts_with("YOUR-"))
            && it.len() > 5
            && it
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || matches!(byte, b'_' | b'-'));
        is_yours
            || YOUR_NAMES.contains(it)
            || matches!(it.len(), 8..=30)
                && is_order(&[
                    "replace_me",
                    "replace-me",
                    "replaceme",
                    "replace_with",
                    "replace-with",
                    "change_me",
                    "change-me",
                    "changeme",
                ])
    })
}

fn is_known_word(folded: &str) -> bool {
    ACCOUNT_WORDS.contains(&folded)
        || REGION_WORDS.contains(&folded)
        || matches!(
            folded,
            "bucket" | "bucketname" | "yourbucket" | "yourbucketname"
        )
}

/// Returns the letters of a text in lower case; empty if it has anything but letters and `_`, `-`
/// and spaces.
fn letters(text: &str) -> String {
    let fits = |it: char| it.is_ascii_alphabetic() || matches!(it, '_' | '-' | ' ');
    if !text.chars().all(fits) {
        return String::new();
    }
    let letters = text.chars().filter(char::is_ascii_alphabetic);
    letters.map(|it| it.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::placeholder;

    #[test]
    fn finds_what_was_left_in() {
        let yes = [
            ("arn:aws:iam::<ACCOUNT_ID>:role/a", "<ACCOUNT_ID>"),
            ("arn:aws:s3:::<your bucket>/*", "<your bucket>"),
            ("arn:aws:s3:::{{ bucket }}", "{{ bucket }}"),
            ("arn:aws:s3:::${var.bucket}/*", "${var.bucket}"),
            ("arn:aws:s3:::${Bucket}/*", "${Bucket}"),
            ("arn:${AWS::Partition}:s3:::b", "${AWS::Partition}"),
            ("aws:ResourceTag/${TagKey}", "${TagKey}"),
            (
                "arn:aws:s3:::${self:custom.bucket}",
                "${self:custom.bucket}",
            ),
            ("arn:aws:s3:::b/&{aws:username}", "&{aws:username}"),
            ("arn:aws:s3:::b/$${aws:username}", "$${aws:username}"),
            ("arn:aws:s3:::#{AWS::AccountId}", "#{AWS::AccountId}"),
            ("arn:aws:iam::$ACCOUNT_ID:root", "$ACCOUNT_ID"),
            ("arn:aws:iam::$(account):root", "$(account)"),
            ("arn:aws:iam::%s:root", "%s"),
            ("arn:aws:iam::__ACCOUNT_ID__:root", "__ACCOUNT_ID__"),
            ("arn:aws:iam::ACCOUNT_ID:root", "ACCOUNT_ID"),
            ("arn:aws:iam::account-id:root", "account-id"),
            ("arn:aws:iam::XXXXXXXXXXXX:root", "XXXXXXXXXXXX"),
            ("arn:aws:sqs:region:111122223333:q", "region"),
            ("arn:aws:iam::[account-id]:root", "[account-id]"),
            ("arn:aws:s3:::YOUR_BUCKET/*", "YOUR_BUCKET"),
            ("arn:aws:s3:::your-bucket-name/*", "your-bucket-name"),
            ("REPLACE_ME", "REPLACE_ME"),
            ("arn:aws:s3:::replace-with-bucket", "replace-with-bucket"),
        ];
        for (text, part) in yes {
            assert_eq!(placeholder(text), Some(part), "{text}");
        }
    }

    #[test]
    fn leaves_names_and_variables_alone() {
        let no = [
            "*",
            "s3:Get*",
            "arn:aws:s3:::b/${aws:username}/*",
            "arn:aws:s3:::b/${aws:PrincipalTag/team, 'all'}",
            "arn:aws:s3:::b/${*}${?}${$}",
            "arn:aws:s3:::b/${token.actions.githubusercontent.com:sub}",
            "arn:aws:lambda:eu-west-1:111122223333:function:f:$LATEST",
            "arn:aws:iot:eu-west-1:111122223333:topic/$aws/things/*",
            "arn:aws:iam::aws:policy/ReadOnlyAccess",
            "arn:aws:iam::cloudfront:user/a",
            "arn:aws:s3:::your-company-data",
            "arn:aws:s3:::replacements",
            "arn:aws:s3:::b/100%25/%s3",
            "arn:aws:s3:::my__bucket__x",
            "arn:aws:s3:::b/day=__HIVE_DEFAULT_PARTITION__/*",
            "arn:aws:s3:::b/_$folder$",
            "arn:aws:logs:*:*:log-group:/aws/a[1]",
            "a < b > c",
            "aws:RequestTag/${aws:x}",
            "${",
            "${}",
            "{{}}",
        ];
        for text in no {
            assert_eq!(placeholder(text), None, "{text}");
        }
    }
}
