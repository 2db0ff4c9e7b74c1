//! Templates: values of policies that hold policy variables whose value is open.
//!
//! Whether the request matches a template is a claim for itself. What is known of it: which texts
//! match with any value in place of the variables, that the variables have values, and which
//! templates match whatever another one matches.

use super::bits::Bits;
use super::formula::{Claim, Dimension, Node, TRUE};
use super::language::{Language, Letter, Pattern, includes, literal};
use super::scene::{Assignment, RESOURCE, Scene, Setting};
use super::values::{either_case, in_parts};
use super::{Doubt, DoubtReason};
use crate::pattern::{Resolved, Substituted, Token, Variable};
use crate::policy::{ConditionValue, Effect, Operand, ResourcePattern, Statement, Test};

/// A template on one dimension.
pub(super) struct Template {
    dimension: Dimension,
    text: String,
    test: Option<Test>,
    letters: Pattern,
    matched: Dimension,
}

/// A value of a policy as it can be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// No variable is open: a union of patterns.
    Plain(Vec<Pattern>),
    /// A variable is.
    Open {
        /// The pattern with any text in its place.
        wide: Pattern,
        /// The pattern with the variable's own letters; empty where they would mislead.
        letters: Pattern,
    },
}

/// The units that stand for open variables while a template is read (private use).
const LETTERS: [&str; 8] = [
    "\u{E000}", "\u{E001}", "\u{E002}", "\u{E003}", "\u{E004}", "\u{E005}", "\u{E006}", "\u{E007}",
];
const FIRST_LETTER: u16 = 0xE000;
const LAST_LETTER: u16 = 0xE007;

impl<'a> Scene<'a> {
    /// Returns what a variable stands for: its value, or a letter of its own.
    fn as_letter(&self, variable: &Variable) -> Resolved<'_> {
        match self.resolve(variable) {
            // An empty default makes an empty value possible, which has no letters.
            Resolved::Unknown if variable.default.as_deref() != Some("") => {
                let name = variable_name(variable, self.assignment);
                let at = self.variables.iter().position(|it| *it == name);
                at.and_then(|at| LETTERS.get(at))
                    .map_or(Resolved::Unknown, |it| Resolved::Value(it))
            }
            resolved => resolved,
        }
    }

    /// Reads one value of a condition.
    pub(super) fn read(&self, value: &ConditionValue, test: Test) -> Reading {
        let wildcards = matches!(test, Test::StringLike | Test::Arn);
        let letters = |tokens: &[Token]| match test {
            Test::Arn => in_parts(tokens),
            Test::StringEqualsIgnoreCase => either_case(tokens),
            _ => tokens.iter().copied().map(Letter::from).collect(),
        };
        match (
            &value.operand,
            value.template.tokens(wildcards, |it| self.as_letter(it)),
        ) {
            (Operand::Truth(_) | Operand::Binary(None), _) | (_, Substituted::NoValue) => {
                Reading::Plain(Vec::new())
            }
            (Operand::Binary(Some(_)), _) => Reading::Plain(vec![literal(value.template.text())]),
            (_, Substituted::Known(tokens)) if !tokens.iter().any(is_letter) => {
                Reading::Plain(vec![letters(&tokens)])
            }
            (_, Substituted::Known(tokens)) => {
                let own = sentinels(&letters(&tokens));
                // A colon in a value shifts the parts of an ARN. A value in either letter case is
                // another language than the value.
                let early = test == Test::Arn && in_first_parts(&tokens);
                Reading::Open {
                    wide: widened(&own, early),
                    letters: match early || test == Test::StringEqualsIgnoreCase {
                        true => Pattern::default(),
                        false => own,
                    },
                }
            }
            (_, Substituted::Unknown(tokens)) => Reading::Open {
                wide: widened(&sentinels(&letters(&tokens)), true),
                letters: Pattern::default(),
            },
        }
    }

    /// Reads one pattern of a `Resource`, but for `*` alone.
    pub(super) fn read_resource(&self, pattern: &ResourcePattern) -> Reading {
        let all = |patterns: Vec<Vec<Token>>| {
            let letters = |it: Vec<Token>| it.into_iter().map(Letter::from).collect();
            patterns.into_iter().map(letters).collect::<Vec<Pattern>>()
        };
        match pattern.patterns(&|it| self.as_letter(it)) {
            Substituted::NoValue => Reading::Plain(Vec::new()),
            Substituted::Known(patterns) => {
                let is_open = patterns.iter().flatten().any(is_letter);
                let mut patterns = all(patterns);
                match patterns.pop().filter(|_| is_open) {
                    Some(only) => {
                        let own = sentinels(&only);
                        Reading::Open {
                            wide: widened(&own, false),
                            letters: own,
                        }
                    }
                    None => Reading::Plain(match pattern.patterns(&|it| self.as_letter(it)) {
                        Substituted::Known(patterns) => all(patterns),
                        _ => Vec::new(),
                    }),
                }
            }
            Substituted::Unknown(patterns) => Reading::Open {
                wide: all(patterns)
                    .pop()
                    .map_or_else(Pattern::default, |it| widened(&sentinels(&it), false)),
                letters: Pattern::default(),
            },
        }
    }

    /// Notes the variables of the statements, so that each has a letter.
    pub(super) fn name_variables(&mut self, statements: &[(&'a Statement, Effect)]) {
        for (statement, _) in statements {
            for variable in variables_of(statement) {
                let name = variable_name(variable, self.assignment);
                if !self.variables.contains(&name) {
                    self.variables.push(name);
                }
            }
        }
    }

    /// Claims that a value matches a template with open variables, with what follows from it.
    pub(super) fn template(
        &mut self,
        dimension: Dimension,
        text: &str,
        test: Option<Test>,
        variables: &[&Variable],
        wide: Pattern,
        letters: Pattern,
    ) -> Node {
        let claim = Claim::In(Bits::one(2, 1));
        let known = self
            .templates
            .iter()
            .find(|it| it.dimension == dimension && it.text == text && it.test == test);
        if let Some(known) = known {
            let matched = known.matched;
            return self.formulas.claim(matched, claim);
        }
        let (matched, node) = self.free();
        let keys: Vec<String> = variables.iter().map(|it| it.key.to_string()).collect();
        self.approximate.get_or_insert_with(|| Doubt {
            reason: DoubtReason::RelationalTemplate,
            detail: format!("`{text}` ties the request to `{}`", keys.join("`, `")),
        });
        let wide = if dimension == RESOURCE {
            self.in_language(RESOURCE, Language::one(wide))
        } else {
            self.some_in(dimension, &Language::one(wide))
        };
        let fact = self.formulas.implies(node, wide);
        self.facts.push(fact);
        for variable in variables.iter().filter(|it| it.default.is_none()) {
            let present = self.key_present(&variable.key, true);
            let empty = self.key_is(&variable.key, "");
            let filled = if self.key(&variable.key).is_some() {
                let not = self.formulas.not(empty);
                self.formulas.and([present, not])
            } else {
                TRUE
            };
            let fact = self.formulas.implies(node, filled);
            self.facts.push(fact);
        }
        // One template's texts may all be another's (T7 of the reasoning: the variable is a letter
        // that only `*` swallows).
        let mut facts = Vec::new();
        for other in self.templates.iter().filter(|it| it.dimension == dimension) {
            if letters.is_empty() || other.letters.is_empty() {
                continue;
            }
            if includes(&other.letters, &letters) {
                facts.push((matched, other.matched));
            }
            if includes(&letters, &other.letters) {
                facts.push((other.matched, matched));
            }
        }
        for (narrow, wide) in facts {
            let narrow = self.formulas.claim(narrow, claim.clone());
            let wide = self.formulas.claim(wide, claim.clone());
            let fact = self.formulas.implies(narrow, wide);
            self.facts.push(fact);
        }
        self.templates.push(Template {
            dimension,
            text: text.to_owned(),
            test,
            letters,
            matched,
        });
        node
    }
}

fn is_letter(token: &Token) -> bool {
    matches!(token, Token::Unit(unit) if (FIRST_LETTER..=LAST_LETTER).contains(unit))
}

/// Whether a variable stands before the fifth colon.
fn in_first_parts(tokens: &[Token]) -> bool {
    let colon = |token: &&Token| **token == Token::Unit(u16::from(b':'));
    let first = tokens.iter().position(is_letter).unwrap_or(tokens.len());
    tokens[..first].iter().filter(colon).count() < 5
}

/// Turns the units that stand for variables into letters.
fn sentinels(letters: &[Letter]) -> Pattern {
    let mut read = Vec::with_capacity(letters.len() + 1);
    for letter in letters {
        match letter {
            Letter::Unit(unit) if (FIRST_LETTER..=LAST_LETTER).contains(unit) => {
                let variable = (unit - FIRST_LETTER) * 2;
                read.extend([Letter::Variable(variable), Letter::Variable(variable + 1)]);
            }
            letter => read.push(*letter),
        }
    }
    read.into()
}

/// A template with any text but an empty one in place of its variables; `shifts`: a colon in a
/// value shifts the parts of an ARN.
fn widened(letters: &[Letter], shifts: bool) -> Pattern {
    let widen = |letter: &Letter| match letter {
        Letter::Variable(part) if part % 2 == 0 => Letter::One,
        Letter::Variable(_) => Letter::Any,
        Letter::AnyInPart if shifts => Letter::Any,
        Letter::OneInPart if shifts => Letter::One,
        letter => *letter,
    };
    letters.iter().map(widen).collect()
}

/// A variable by what decides its value: with another default it is another one, unless the key is
/// known to have a value.
fn variable_name(variable: &Variable, assignment: &Assignment) -> String {
    let is_there = assignment
        .iter()
        .any(|(key, setting)| **key == *variable.key && matches!(setting, Setting::Other(_)));
    match &variable.default {
        Some(default) if !is_there => format!("{}, {default}", variable.key),
        _ => variable.key.to_string(),
    }
}

/// Returns the policy variables of a statement.
pub(super) fn variables_of(statement: &Statement) -> impl Iterator<Item = &Variable> {
    let resources = statement.resource.iter().flat_map(|it| &it.patterns);
    let resources = resources.flat_map(|it| it.template.variables());
    let conditions = statement.conditions.iter().flat_map(|it| &it.values);
    let is_text = |operand: &Operand| matches!(operand, Operand::Text);
    let conditions = conditions
        .filter(move |it| is_text(&it.operand))
        .flat_map(|it| it.template.variables());
    resources.chain(conditions)
}
