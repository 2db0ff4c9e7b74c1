//! Condition keys: their types, and when a request carries the global ones.

use std::sync::Arc;

/// One condition key, of a service or global.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConditionKey {
    /// The name as AWS writes it; a part that varies is a hole: `aws:ResourceTag/${TagKey}`,
    /// `s3:ExistingObjectTag/<key>`.
    pub name: Arc<str>,
    /// What its values are.
    pub key_type: KeyType,
    /// Whether a request may carry several values; AWS writes `ArrayOf…`.
    pub multivalued: bool,
    /// When requests carry it: known for global keys only.
    pub presence: Option<Presence>,
}

/// A global key as lookups need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlobalName {
    /// The name in lower case.
    pub folded: Arc<str>,
    /// What stands before the part that varies, where one does: `aws:resourcetag/`.
    pub prefix: Option<Arc<str>>,
    /// When requests carry it.
    pub presence: Option<Presence>,
}

impl GlobalName {
    pub(crate) fn new(key: &ConditionKey) -> Self {
        let folded = key.name.to_ascii_lowercase();
        Self {
            prefix: folded.find(['$', '<']).map(|hole| folded[..hole].into()),
            folded: folded.into(),
            presence: key.presence,
        }
    }

    /// Returns whether a key in lower case is this one.
    #[must_use]
    pub fn names(&self, folded: &str) -> bool {
        match &self.prefix {
            Some(prefix) => folded.starts_with(&**prefix) && folded.len() > prefix.len(),
            None => *self.folded == *folded,
        }
    }
}

impl ConditionKey {
    /// Returns whether part of the name varies.
    #[must_use]
    pub fn is_template(&self) -> bool {
        next_hole(&self.name).is_some()
    }

    /// Returns whether this is the key that `key` names, in any letter case. A hole stands for at
    /// least one character.
    #[must_use]
    pub fn matches(&self, key: &str) -> bool {
        template_matches(&self.name, key)
    }
}

/// The types of condition keys (Service Authorization Reference, "Condition keys table").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyType {
    /// Compared by string operators.
    String,
    /// Compared by ARN operators.
    Arn,
    /// `true` or `false`.
    Bool,
    /// A number.
    Numeric,
    /// A date, or seconds since 1970.
    Date,
    /// An address or a CIDR block.
    IpAddress,
    /// Base64.
    Binary,
    /// A type that this version does not know.
    Unknown,
}

impl KeyType {
    /// Every type that AWS names.
    pub const ALL: [Self; 7] = [
        Self::String,
        Self::Arn,
        Self::Bool,
        Self::Numeric,
        Self::Date,
        Self::IpAddress,
        Self::Binary,
    ];

    /// Returns AWS's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::String => "String",
            Self::Arn => "ARN",
            Self::Bool => "Bool",
            Self::Numeric => "Numeric",
            Self::Date => "Date",
            Self::IpAddress => "IPAddress",
            Self::Binary => "Binary",
            Self::Unknown => "Unknown",
        }
    }

    /// Reads AWS's word, such as `ArrayOfString`: the type, and whether it is multivalued.
    #[must_use]
    pub fn from_word(word: &str) -> (Self, bool) {
        let (multivalued, word) = match word.get(..7) {
            Some(start) if start.eq_ignore_ascii_case("arrayof") => (true, &word[7..]),
            _ => (false, word),
        };
        let found = Self::ALL
            .into_iter()
            .find(|it| it.as_str().eq_ignore_ascii_case(word));
        let found = found.or_else(|| match word.to_ascii_lowercase().as_str() {
            "boolean" => Some(Self::Bool),
            "long" | "integer" => Some(Self::Numeric),
            "datetime" => Some(Self::Date),
            "ip" => Some(Self::IpAddress),
            _ => None,
        });
        (found.unwrap_or(Self::Unknown), multivalued)
    }

    /// Returns AWS's word for a key with this type.
    #[must_use]
    pub(crate) fn word(self, multivalued: bool) -> String {
        let array = if multivalued { "ArrayOf" } else { "" };
        format!("{array}{}", self.as_str())
    }
}

macro_rules! presence {
    ($($variant:ident $word:literal $meaning:literal,)*) => {
        /// When requests carry a global condition key (IAM User Guide, "AWS global condition
        /// context keys": the "Availability" of each).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Presence {
            $(#[doc = concat!("Carried ", $meaning, ".")] $variant,)*
        }

        impl Presence {
            /// Every category.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Returns the word in the catalog's text.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// Returns when requests carry the key, to follow "carried".
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }
        }
    };
}

presence! {
    Always "always" "by every request, also an anonymous one",
    Signed "signed" "by every signed request",
    IamUser "iam-user" "when an IAM user calls: not root, a role or a federated principal",
    PrincipalTagged "principal-tagged" "when the user, role or session has the tag",
    PrincipalInOrganization "principal-in-organization" "when the principal's account is in an organization",
    ServicePrincipal "service-principal" "when an AWS service calls with its own principal",
    TemporaryCredentials "temporary-credentials" "with temporary credentials",
    MultiFactor "multi-factor" "with temporary credentials that know of MFA: not with access keys of a user, not for federated identities",
    Session "session" "depending on how the session was made",
    NotThroughVpcEndpoint "not-through-vpc-endpoint" "unless the request comes through a VPC endpoint",
    VpcEndpoint "vpc-endpoint" "when the request comes through a VPC endpoint",
    VpcEndpointOfSomeServices "vpc-endpoint-of-some-services" "when the request comes through a VPC endpoint, for services that support it",
    ForwardAccessSession "forward-access-session" "when some services call on the principal's behalf",
    OnBehalfOfResource "on-behalf-of-resource" "when a service principal calls on behalf of a resource",
    MostActions "most-actions" "by most actions, with exceptions that AWS lists",
    ResourceInOrganization "resource-in-organization" "by most actions, when the resource's account is in an organization",
    ResourceTagged "resource-tagged" "when the resource has the tag and the service supports the key",
    RequestTagged "request-tagged" "when the request passes tags",
    Link "link" "when a browser follows a link",
    McpServer "mcp-server" "when an MCP server that AWS manages forwards the request",
    NotKnown "not-known" "under conditions that this catalog does not know",
}

impl Presence {
    /// Returns the category with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.as_str() == word)
    }
}

/// Returns where the part of a name that varies starts, in AWS's several ways to write it:
/// `${TagKey}`, `<key>`, `…/tag-key`, or nothing after the last slash.
#[must_use]
pub(crate) fn hole_start(name: &str) -> Option<usize> {
    next_hole(name).map(|it| it.start)
}

/// Returns the bytes of the first part that varies.
fn next_hole(template: &str) -> Option<std::ops::Range<usize>> {
    let start = template.bytes().enumerate().find_map(|(at, byte)| {
        (byte == b'<' || (byte == b'$' && template[at + 1..].starts_with('{'))).then_some(at)
    });
    let Some(start) = start else {
        let stem = template.strip_suffix("tag-key").unwrap_or(template);
        let is_open = stem.ends_with('/');
        return is_open.then_some(stem.len()..template.len());
    };
    let close = if template[start..].starts_with('<') {
        '>'
    } else {
        '}'
    };
    let length = template[start..].find(close)?;
    Some(start..start + length + 1)
}

/// Returns whether a name of AWS's, with holes or without, names a condition key in lower case.
#[must_use]
pub fn names_key(name: &str, key: &str) -> bool {
    template_matches(name, key)
}

/// Returns whether a template with holes names this text, in any letter case.
pub(crate) fn template_matches(template: &str, text: &str) -> bool {
    let Some(hole) = next_hole(template) else {
        return template.eq_ignore_ascii_case(text);
    };
    let (template, text) = (template.as_bytes(), text.as_bytes());
    if text.len() <= hole.start || !text[..hole.start].eq_ignore_ascii_case(&template[..hole.start])
    {
        return false;
    }
    // Both slices start at a place where ASCII text matched or a hole ended, so they stay UTF-8.
    let (Ok(rest), Ok(text)) = (
        std::str::from_utf8(&template[hole.end..]),
        std::str::from_utf8(&text[hole.start..]),
    ) else {
        return false;
    };
    if rest.is_empty() {
        return true;
    }
    let mut ends = text
        .char_indices()
        .map(|(at, character)| at + character.len_utf8());
    ends.any(|end| template_matches(rest, &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_stand_for_some_text() {
        let yes = [
            ("aws:ResourceTag/${TagKey}", "aws:resourcetag/Vendor"),
            ("aws:ResourceTag/${TagKey}", "aws:ResourceTag/ä"),
            ("aws:ResourceTag/${TagKey}", "aws:ResourceTag/${TagKey}"),
            ("s3:ExistingObjectTag/<key>", "s3:ExistingObjectTag/a/b"),
            ("codebuild:fs/${id}.type", "codebuild:fs/a.b.TYPE"),
            ("aws:TagKeys", "AWS:tagkeys"),
            ("ssm:resourceTag/tag-key", "ssm:resourceTag/Vendor"),
            ("glacier:ResourceTag/", "glacier:resourcetag/Vendor"),
        ];
        for (template, text) in yes {
            assert!(template_matches(template, text), "{template} {text}");
        }
        let no = [
            ("aws:ResourceTag/${TagKey}", "aws:ResourceTag/"),
            ("aws:ResourceTag/${TagKey}", "aws:ResourceTag"),
            ("codebuild:fs/${id}.type", "codebuild:fs/.type"),
            ("codebuild:fs/${id}.type", "codebuild:fs/a.types"),
            ("aws:TagKeys", "aws:TagKey"),
            ("aws:x/${a", "aws:x/b"),
            ("ssm:resourceTag/tag-key", "ssm:resourceTag/"),
            ("glacier:ResourceTag/", "glacier:ResourceTag/"),
        ];
        for (template, text) in no {
            assert!(!template_matches(template, text), "{template} {text}");
        }
    }

    #[test]
    fn reads_aws_words_for_types() {
        assert_eq!(KeyType::from_word("ArrayOfARN"), (KeyType::Arn, true));
        assert_eq!(KeyType::from_word("Boolean"), (KeyType::Bool, false));
        assert_eq!(KeyType::from_word("Colour"), (KeyType::Unknown, false));
        for key_type in KeyType::ALL {
            for multivalued in [false, true] {
                let word = key_type.word(multivalued);
                assert_eq!(KeyType::from_word(&word), (key_type, multivalued));
            }
        }
    }
}
