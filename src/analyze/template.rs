//! Templates: values of policies that hold policy variables whose value is open.
//!
//! Whether the request matches a template is a claim for itself. What is known of it: which texts
//! match with any value in place of the variables, that the variables have values, and which
//! templates match whatever another one matches.

use super::bits::Bits;
use super::formula::{Claim, Dimension, Node, TRUE};
use super::language::{Language, Letter, Pattern, includes, literal};
use super::scene::{RESOURCE, Scene, Setting};
use super::shortcut;
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
    /// The keys without whose value nothing matches.
    needs: Vec<String>,
    matched: Dimension,
}

/// A policy variable by what decides its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) key: String,
    /// With another default it is another one, unless the key is known to have a value.
    default: Option<String>,
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
            Resolved::Unknown => {
                let name = self.variable_name(variable);
                let at = self.variables.iter().position(|it| *it == name);
                at.and_then(|at| LETTERS.get(at))
                    .map_or(Resolved::Unknown, |it| Resolved::Value(it))
            }
            resolved => resolved,
        }
    }

    /// Reads one value of a condition on a key, in lower case.
    pub(super) fn read(&self, key: &str, value: &ConditionValue, test: Test) -> Reading {
        if let Some(patterns) = self.of_itself(key, value, test) {
            return Reading::Plain(patterns);
        }
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
                let own = self.sentinels(&letters(&tokens));
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
                wide: widened(&self.sentinels(&letters(&tokens)), true),
                letters: Pattern::default(),
            },
        }
    }

    /// Returns what matches a template that holds a variable of the very key it is compared with,
    /// where that can be told without the value: by length.
    ///
    /// Let `v` be the key's value and not empty. The template with `v` in it is no shorter than `n`
    /// times `v`, for each time that it stands there, and one more for each other letter and for
    /// each other variable (V13: what has no default, or one that is not empty, is not empty). So
    /// with two of it, or with one and anything that is no star, it is longer than `v` and never
    /// matches; with one and stars only, `v` matches itself. Lower case adds up part by part in the
    /// same way, since it makes no text empty. An empty `v` stands for the default (V4, V13): it
    /// matches only if all that is left may be empty, too.
    fn of_itself(&self, key: &str, value: &ConditionValue, test: Test) -> Option<Vec<Pattern>> {
        let is_text = matches!(
            test,
            Test::StringEquals | Test::StringLike | Test::StringEqualsIgnoreCase
        );
        if !is_text
            || value.operand != Operand::Text
            || self.is_multivalued(key)
            || !shortcut::on("itself")
        {
            return None;
        }
        let is_own = |it: &&Variable| *it.key == *key;
        let own: Vec<&Variable> = value.template.variables().filter(is_own).collect();
        let is_open = |it: &&Variable| matches!(self.resolve(it), Resolved::Unknown);
        if own.is_empty() || !own.iter().all(is_open) {
            return None;
        }
        let may_be_empty = |it: &Variable| it.default.as_deref() == Some("");
        let mut others = value.template.variables().filter(|it| !is_own(it));
        let is_vague = others.any(|it| may_be_empty(it) && is_open(&it));
        let shortest =
            value
                .template
                .tokens(test == Test::StringLike, |it| match self.resolve(it) {
                    Resolved::Unknown if is_own(&it) || may_be_empty(it) => Resolved::Value(""),
                    Resolved::Unknown => Resolved::Value("x"),
                    resolved => resolved,
                });
        let Substituted::Known(shortest) = shortest else {
            return None;
        };
        let has_more = shortest.iter().any(|it| *it != Token::Any);
        let empty_too = own.iter().all(|it| may_be_empty(it)) && !has_more;
        let itself = own.len() == 1 && !has_more;
        match (itself || empty_too) && is_vague {
            // Another variable decides.
            true => None,
            false => Some(match (itself, empty_too) {
                (true, true) => vec![Box::new([Letter::Any])],
                (true, false) => vec![Box::new([Letter::One, Letter::Any])],
                (false, true) => vec![Box::default()],
                (false, false) => Vec::new(),
            }),
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
                        let own = self.sentinels(&only);
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
                    .map_or_else(Pattern::default, |it| widened(&self.sentinels(&it), false)),
                letters: Pattern::default(),
            },
        }
    }

    /// Notes the variables of the statements, so that each has a letter.
    pub(super) fn name_variables(&mut self, statements: &[(&'a Statement, Effect)]) {
        for (statement, _) in statements {
            for variable in variables_of(statement) {
                let name = self.variable_name(variable);
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
        let needed = variables.iter().filter(|it| it.default.is_none());
        let needs: Vec<String> = needed.map(|it| it.key.to_string()).collect();
        for other in self.templates.iter().filter(|it| it.dimension == dimension) {
            if letters.is_empty() || other.letters.is_empty() {
                continue;
            }
            if self.has_all(&other.letters, &letters, &needs) {
                facts.push((matched, other.matched));
            }
            if self.has_all(&letters, &other.letters, &other.needs) {
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
            needs,
            matched,
        });
        node
    }

    /// Whether one template matches whatever another one does, which takes values of the keys
    /// `needs` for granted: a variable with a default stands for the same value there as one
    /// without. A value that is not empty has a first unit and a rest, or a last unit and what is
    /// before; the argument of T7 holds for either way to cut it.
    fn has_all(&self, outer: &[Letter], inner: &[Letter], needs: &[String]) -> bool {
        if includes(outer, inner) {
            return true;
        }
        let (outer, inner) = (self.as_needed(outer, needs), self.as_needed(inner, needs));
        includes(&outer, &inner) || includes(&cut_at_the_end(&outer), &cut_at_the_end(&inner))
    }

    /// Spells every variable of some keys in one way, as one that is not empty.
    fn as_needed(&self, letters: &[Letter], needs: &[String]) -> Pattern {
        let mut read = Vec::with_capacity(letters.len() + 1);
        for letter in letters {
            let Letter::Variable(part) = letter else {
                read.push(*letter);
                continue;
            };
            let key = self.variables.get(usize::from(part / 2)).map(|it| &it.key);
            let first = self.variables.iter().position(|it| Some(&it.key) == key);
            let first = first.and_then(|it| u16::try_from(it).ok());
            match first.filter(|_| key.is_some_and(|it| needs.contains(it))) {
                None => read.push(*letter),
                Some(_) if part % 2 == 0 => {}
                Some(first) => {
                    read.extend([Letter::Variable(first * 2), Letter::Variable(first * 2 + 1)]);
                }
            }
        }
        read.into()
    }

    /// Turns the units that stand for variables into letters: a first unit and the rest, or only
    /// the rest, which may be nothing, where a default makes an empty value possible.
    fn sentinels(&self, letters: &[Letter]) -> Pattern {
        let mut read = Vec::with_capacity(letters.len() + 1);
        for letter in letters {
            match letter {
                Letter::Unit(unit) if (FIRST_LETTER..=LAST_LETTER).contains(unit) => {
                    let at = unit - FIRST_LETTER;
                    let name = self.variables.get(usize::from(at));
                    if name.is_none_or(|it| it.default.as_deref() != Some("")) {
                        read.push(Letter::Variable(at * 2));
                    }
                    read.push(Letter::Variable(at * 2 + 1));
                }
                letter => read.push(*letter),
            }
        }
        read.into()
    }

    /// Returns a variable by what decides its value.
    fn variable_name(&self, variable: &Variable) -> Name {
        let is_there = self
            .assignment
            .iter()
            .any(|(key, setting)| **key == *variable.key && matches!(setting, Setting::Other(_)));
        let default = variable.default.as_deref().filter(|_| !is_there);
        Name {
            key: variable.key.to_string(),
            default: default.map(str::to_owned),
        }
    }
}

/// Cuts variables behind what may be nothing instead of before.
fn cut_at_the_end(letters: &[Letter]) -> Pattern {
    let mut read: Vec<Letter> = letters.to_vec();
    let mut at = 0;
    while at + 1 < read.len() {
        match (read[at], read[at + 1]) {
            (Letter::Variable(first), Letter::Variable(rest))
                if first + 1 == rest && first % 2 == 0 =>
            {
                read.swap(at, at + 1);
                at += 2;
            }
            _ => at += 1,
        }
    }
    read.into()
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

/// A template with any text that may stand there in place of its variables; `shifts`: a colon in a
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
