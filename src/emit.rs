//! Writes a generated [`Bundle`] in the form in which a customer applies it: a Terraform module, a
//! CloudFormation template, a script of `aws` commands, or plain JSON.
//!
//! Data in, files out, as data: nothing here decides what the access is, or touches a file system.
//! Output depends on nothing but the input: no clock, no order of hashing.

mod cloudformation;
mod filled;
mod hcl;
mod input;
mod json;
mod name;
mod prose;
mod script;
mod stand_in;
mod terraform;
mod tree;
mod yaml;

use crate::generate::Bundle;

/// A form in which a bundle is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// One JSON file for each policy document.
    Json,
    /// A Terraform module.
    Terraform,
    /// A CloudFormation template.
    Cloudformation,
    /// A shell script of `aws` commands.
    Cli,
}

impl Format {
    /// Every format, in the order in which help lists them.
    pub const ALL: [Self; 4] = [Self::Json, Self::Terraform, Self::Cloudformation, Self::Cli];

    /// Returns the word for it on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Terraform => "terraform",
            Self::Cloudformation => "cloudformation",
            Self::Cli => "cli",
        }
    }

    /// Returns the format that a word stands for.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.word() == word)
    }

    /// Returns whether the format has inputs of its own, for which a bundle holds stand-ins.
    #[must_use]
    pub fn takes_symbols(self) -> bool {
        matches!(self, Self::Terraform | Self::Cloudformation)
    }
}

/// A stand-in in the bundle that is written as a reference to an input of the module or template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// The variable of the profile. `account` and `partition` become what the account itself says;
    /// everything else becomes an input.
    pub input: String,
    /// The value with which the bundle was generated.
    pub text: String,
    /// The default of the input.
    pub default: Option<String>,
}

/// A file to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its path, relative to the folder of the output.
    pub path: String,
    /// Its whole text.
    pub text: String,
}

/// Everything for which a bundle cannot be written in a format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", joined(.problems))]
pub struct EmitError {
    /// The problems, in the order of the bundle.
    pub problems: Vec<Problem>,
}

/// One reason for which a bundle cannot be written in a format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The caller gave stand-ins for a format that holds values.
    #[error(
        "`{format}` holds values and no references, so it cannot be written with a stand-in for `{input}`"
    )]
    NoInputs {
        /// The format's word.
        format: &'static str,
        /// The variable.
        input: String,
    },
    /// The caller chose a stand-in that cannot be told from other text.
    #[error("`{text}` cannot stand for `{input}`: {reason}")]
    UnfitStandIn {
        /// The variable.
        input: String,
        /// The stand-in.
        text: String,
        /// Why.
        reason: String,
    },
    /// Two stand-ins share characters of one text.
    #[error(
        "the stand-ins for `{first}` and `{second}` overlap in `{text}`: generate with other stand-ins"
    )]
    Overlap {
        /// The variable whose stand-in begins first.
        first: String,
        /// The other variable.
        second: String,
        /// Where they meet.
        text: String,
    },
    /// A stand-in is found where no variable can be.
    #[error(
        "the stand-in `{text}` for `{input}` occurs in the {place} `{found}`, where no input can stand: generate with another stand-in"
    )]
    Misplaced {
        /// The variable.
        input: String,
        /// The stand-in.
        text: String,
        /// What kind of text it is found in.
        place: &'static str,
        /// The text.
        found: String,
    },
    /// What is created belongs to no account, or to several.
    #[error(
        "a script makes everything in one account, but {}: generate with one value for `account`",
        accounts(.found)
    )]
    NotOneAccount {
        /// The accounts in the ARNs.
        found: Vec<String>,
    },
    /// Two things of one kind would have one name, which IAM compares without case.
    #[error("two {kind} are named `{name}`: IAM tells names apart without regard to case")]
    SameName {
        /// What they are.
        kind: &'static str,
        /// Their name.
        name: String,
    },
    /// The template is longer than CloudFormation takes at all.
    #[error(
        "the template has {size} bytes, and CloudFormation takes at most {limit}: generate for fewer phases or features, or with `--format terraform`"
    )]
    TemplateTooLarge {
        /// Its length.
        size: usize,
        /// The most.
        limit: usize,
    },
}

/// Writes a bundle in a format.
///
/// # Errors
/// All problems for which this cannot be done faithfully; then there are no files.
pub fn files(bundle: &Bundle, format: Format, symbols: &[Symbol]) -> Result<Vec<File>, EmitError> {
    let mut problems = stand_in::problems(bundle, format, symbols);
    problems.extend(name::problems(bundle));
    if !problems.is_empty() {
        return Err(EmitError { problems });
    }
    match format {
        Format::Json => Ok(json::files(bundle)),
        Format::Terraform => Ok(terraform::files(bundle, symbols)),
        Format::Cloudformation => cloudformation::files(bundle, symbols),
        Format::Cli => script::files(bundle),
    }
}

/// Returns text as IAM takes it for a description.
#[must_use]
pub fn description(text: &str) -> String {
    prose::description(text)
}

/// Returns what differs between a bundle with stand-ins, filled in with the values of a proven one,
/// and the proven one; nothing if what is written with references is what was proven.
///
/// The order of statements and of values is no difference.
#[must_use]
pub fn differences(stand_ins: &Bundle, symbols: &[Symbol], proven: &Bundle) -> Vec<String> {
    filled::differences(stand_ins, symbols, proven)
}

impl From<Problem> for EmitError {
    fn from(problem: Problem) -> Self {
        Self {
            problems: vec![problem],
        }
    }
}

fn joined(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

fn accounts(found: &[String]) -> String {
    match found {
        [] => "no ARN names one".to_owned(),
        several => format!("the ARNs name `{}`", several.join("`, `")),
    }
}
