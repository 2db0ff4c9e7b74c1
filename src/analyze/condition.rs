//! What conditions claim about the values of their keys.

use super::bits::Bits;
use super::formula::{Claim, Dimension, FALSE, Node, TRUE};
use super::language::Language;
use super::scene::{Cells, Scene};
use super::template::Reading;
use super::values::{Scale, has_odd_case};
use super::{Doubt, DoubtReason};
use crate::evaluate::{Truth, condition};
use crate::pattern::Variable;
use crate::policy::{Condition, Effect, Operator, Quantifier, Test};

impl<'a> Scene<'a> {
    /// Claims that a condition holds; conditions with the same texts are one claim.
    pub(super) fn condition(&mut self, condition: &'a Condition, effect: Effect) -> Node {
        let own = self.conditions.get(&*condition.key);
        let known = own.into_iter().flatten().find(|(known, of, _)| {
            *of == effect && (std::ptr::eq(*known, condition) || is_same(known, condition))
        });
        if let Some((_, _, node)) = known {
            return *node;
        }
        let node = self.new_condition(condition, effect);
        let own = self.conditions.entry(&condition.key).or_default();
        own.push((condition, effect, node));
        node
    }

    fn doubtful(&mut self, reason: DoubtReason, condition: &Condition) -> Node {
        self.approximate.get_or_insert_with(|| Doubt {
            reason,
            detail: format!(
                "`{}` on `{}`",
                condition.operator_text.text, condition.key_text.text
            ),
        });
        self.free().1
    }

    fn new_condition(&mut self, condition: &'a Condition, effect: Effect) -> Node {
        let Some(operator) = condition.operator else {
            return self.doubtful(DoubtReason::UnsupportedOperator, condition);
        };
        let Some(key) = self.key(&condition.key) else {
            return FALSE;
        };
        let (dimension, multivalued) = (key.dimension, key.multivalued);
        if operator.test == Test::Null {
            let parts = [true, false].map(|present| match condition::null(condition, !present) {
                Truth::True => self.key_present(&condition.key, present),
                _ => FALSE,
            });
            return self.formulas.or(parts);
        }
        let odd = operator.test == Test::StringEqualsIgnoreCase
            && condition
                .values
                .iter()
                .any(|it| has_odd_case(it.template.text()));
        if odd {
            return self.doubtful(DoubtReason::CaseMapping, condition);
        }
        let absent = condition::absent(operator) == Truth::True;
        if let Cells::Texts = self.keys_cells(dimension) {
            return self.text_condition(condition, operator, dimension, absent);
        }
        if !self.fits_scale(dimension, operator.test) {
            return self.doubtful(DoubtReason::MixedKeyType, condition);
        }
        let malformed = operator.test == Test::Arn
            && condition
                .values
                .iter()
                .any(|it| is_malformed_arn(it.template.text()));
        let is_open = self.is_open(condition);
        if malformed && (operator.quantifier.is_some() || is_open) {
            return self.doubtful(DoubtReason::MalformedOperand, condition);
        }
        if is_open {
            return self.open_condition(condition, operator, dimension, multivalued, absent);
        }
        let Cells::Values(values) = self.keys_cells(dimension) else {
            return FALSE;
        };
        let mut cells = Bits::none(values.len() + usize::from(!multivalued));
        if !condition.values.is_empty() {
            for (at, value) in values.iter().enumerate() {
                let truth =
                    condition::satisfies(&value.text, condition, operator, effect, &self.context);
                if truth == Truth::True {
                    cells.insert(at);
                }
            }
        }
        self.quantified(operator, dimension, multivalued, absent, cells)
    }

    fn keys_cells(&self, dimension: Dimension) -> &Cells {
        const NONE: &Cells = &Cells::Texts;
        let key = self.keys.iter().find(|it| it.dimension == dimension);
        key.map_or(NONE, |it| &it.cells)
    }

    fn fits_scale(&self, dimension: Dimension, test: Test) -> bool {
        let key = self.keys.iter().find(|it| it.dimension == dimension);
        key.is_none_or(|it| Scale::of(test).is_none_or(|scale| scale == it.scale))
    }

    /// Puts the cells whose values satisfy an operator into a claim about the key.
    fn quantified(
        &mut self,
        operator: Operator,
        dimension: Dimension,
        multivalued: bool,
        absent: bool,
        mut cells: Bits,
    ) -> Node {
        let claim = match (multivalued, operator.quantifier) {
            (false, _) => {
                if absent {
                    cells.insert(cells.len() - 1);
                }
                Claim::In(cells)
            }
            (true, Some(Quantifier::ForAllValues)) if cells.is_empty() => Claim::Elements(false),
            (true, Some(Quantifier::ForAllValues)) => Claim::Every(cells),
            (true, Some(Quantifier::ForAnyValue)) => Claim::Some(cells),
            // C32: a multivalued key without set operator matches only by its absence.
            (true, None) if absent => Claim::Elements(false),
            (true, None) => return FALSE,
        };
        self.formulas.claim(dimension, claim)
    }

    /// A condition some of whose values have open variables.
    fn open_condition(
        &mut self,
        condition: &'a Condition,
        operator: Operator,
        dimension: Dimension,
        multivalued: bool,
        absent: bool,
    ) -> Node {
        let plain = self.plain(condition, operator.test);
        let languages = &self.languages[dimension as usize];
        let at = languages.iter().position(|it| *it == plain);
        let valid = languages
            .iter()
            .position(|it| *it == super::values::valid_arn());
        let is_arn = operator.test == Test::Arn;
        let Cells::Values(values) = self.keys_cells(dimension) else {
            return FALSE;
        };
        let len = values.len() + usize::from(!multivalued);
        let mut open = Vec::new();
        let mut wides = Vec::new();
        for value in &condition.values {
            if let Reading::Open { wide, letters } = self.read(&condition.key, value, operator.test)
            {
                let language = Language::one(wide.clone());
                wides.extend(languages.iter().position(|it| *it == language));
                open.push((value, wide, letters));
            }
        }
        // By what the values without variables say, and by what those with one may say.
        let (mut listed, mut others) = (Bits::none(len), Bits::none(len));
        let (mut possible, mut untouched) = (Bits::none(len), Bits::none(len));
        for (cell, value) in values.iter().enumerate() {
            if is_arn && !valid.is_some_and(|at| value.languages.contains(at)) {
                continue;
            }
            let is_listed = at.is_some_and(|at| value.languages.contains(at));
            let is_wide = wides.iter().any(|at| value.languages.contains(*at));
            let of = |yes: bool, cells: &mut Bits| {
                if yes {
                    cells.insert(cell);
                }
            };
            of(is_listed, &mut listed);
            of(!is_listed, &mut others);
            of(is_listed || is_wide, &mut possible);
            of(!is_listed && !is_wide, &mut untouched);
        }
        let mut templates = Vec::new();
        for (value, wide, letters) in open {
            let variables: Vec<&Variable> = value.template.variables().collect();
            let text = value.template.text();
            let test = Some(operator.test);
            templates.push(self.template(dimension, text, test, &variables, wide, letters));
        }
        let any = self.formulas.or(templates);
        if !multivalued {
            let listed = self.formulas.claim(dimension, Claim::In(listed));
            let others = self.formulas.claim(dimension, Claim::In(others));
            let present = if operator.negated {
                let not = self.formulas.not(any);
                self.formulas.and([others, not])
            } else {
                let valid = is_arn.then(|| self.valid(dimension, valid));
                let any = self.formulas.and([any, valid.unwrap_or(TRUE)]);
                self.formulas.or([listed, any])
            };
            let gone = Claim::In(Bits::one(len, len - 1));
            let gone = if absent {
                self.formulas.claim(dimension, gone)
            } else {
                FALSE
            };
            return self.formulas.or([present, gone]);
        }
        if operator.quantifier.is_none() {
            return self.quantified(operator, dimension, true, absent, Bits::none(len));
        }
        // Of a list with variables only this much is certain: whether the plain values alone
        // settle it.
        self.approximate = Some(Doubt {
            reason: DoubtReason::MultivaluedVariable,
            detail: format!(
                "`{}` on `{}`",
                condition.operator_text.text, condition.key_text.text
            ),
        });
        let (surely, maybe) = if operator.negated {
            (untouched, others)
        } else {
            (listed, possible)
        };
        let (_, node) = self.free();
        let surely = self.quantified(operator, dimension, true, absent, surely);
        let maybe = self.quantified(operator, dimension, true, absent, maybe);
        let low = self.formulas.implies(surely, node);
        let high = self.formulas.implies(node, maybe);
        self.facts.extend([low, high]);
        node
    }

    fn valid(&mut self, dimension: Dimension, valid: Option<usize>) -> Node {
        let Some(at) = valid else { return TRUE };
        let key = self.keys.iter().find(|it| it.dimension == dimension);
        let folded = key.map(|it| it.folded.clone()).unwrap_or_default();
        self.key_some(&folded, |it| it.languages.contains(at))
    }

    /// A condition on a key with too many cells: its languages as they are.
    fn text_condition(
        &mut self,
        condition: &'a Condition,
        operator: Operator,
        dimension: Dimension,
        absent: bool,
    ) -> Node {
        let is_plain = matches!(
            operator.test,
            Test::StringEquals | Test::StringLike | Test::StringEqualsIgnoreCase | Test::Arn
        );
        let malformed = operator.test == Test::Arn
            && condition
                .values
                .iter()
                .any(|it| is_malformed_arn(it.template.text()));
        if !is_plain || malformed || condition.values.is_empty() {
            return self.doubtful(DoubtReason::Budget, condition);
        }
        let listed = self.plain(condition, operator.test);
        let listed = self.in_language(dimension, listed);
        let mut valid = TRUE;
        if operator.test == Test::Arn {
            valid = self.in_language(dimension, super::values::valid_arn());
        }
        let gone = self.formulas.claim(dimension, Claim::Text(false));
        let there = self.formulas.not(gone);
        let matched = if operator.negated {
            self.formulas.not(listed)
        } else {
            listed
        };
        let present = self.formulas.and([there, matched, valid]);
        let gone = if absent { gone } else { FALSE };
        self.formulas.or([present, gone])
    }
    /// Claims that some value of the key of a dimension is in a language that its cells know.
    pub(super) fn some_in(&mut self, dimension: Dimension, language: &Language) -> Node {
        let at = self.languages[dimension as usize]
            .iter()
            .position(|it| it == language);
        let key = self.keys.iter().find(|it| it.dimension == dimension);
        match (key, at) {
            (Some(key), Some(at)) => {
                let folded = key.folded.clone();
                self.key_some(&folded, |it| it.languages.contains(at))
            }
            _ => TRUE,
        }
    }
}

/// Whether two conditions say the same, letter by letter.
fn is_same(a: &Condition, b: &Condition) -> bool {
    a.operator == b.operator
        && a.key == b.key
        && a.values.len() == b.values.len()
        && a.values
            .iter()
            .zip(&b.values)
            .all(|(a, b)| a.template == b.template)
        && (a.operator.is_some() || a.operator_text.text == b.operator_text.text)
}

/// C25: what an ARN list takes for malformed.
fn is_malformed_arn(text: &str) -> bool {
    text != "*"
        && (text.bytes().filter(|it| *it == b':').count() < 5 || !text.starts_with(['a', '*', '?']))
}
