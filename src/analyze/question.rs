//! One question: class by class of actions, attempt by attempt at its policy variables.

use std::ops::ControlFlow;

use super::action::{Actions, Class};
use super::assign::{self, Attempt};
use super::bits::Bits;
use super::caller::Callers;
use super::compose::{self, Cast, Item, Layer, Layers};
use super::facts;
use super::formula::Node;
use super::scene::{Assignment, Scene};
use super::search::Search;
use super::witness::{self, Checked};
use super::{Access, Analysis, Cost, Doubt, DoubtReason, Found, Witness};
use crate::evaluate::Action;
use crate::policy::{Document, Effect, Statement};

/// What a request has to be like.
#[derive(Debug)]
pub(super) enum Goal<'q, 'a> {
    /// The layers of the first allow it, all of them; those of the second do not.
    Excess {
        a: Vec<(Layer, &'a [Document])>,
        b: Vec<(Layer, &'a [Document])>,
        directly: bool,
    },
    /// It is of the family, and the access allows it, or denies it.
    Decided {
        family: (Layer, &'a [Document]),
        layers: Layers,
        access: &'q Access<'a>,
        allowed: bool,
    },
}

pub(super) struct Question<'q, 'a> {
    pub(super) analysis: &'q Analysis<'a>,
    pub(super) items: Vec<Item<'a>>,
    pub(super) callers: Callers,
    pub(super) goal: Goal<'q, 'a>,
}

/// How an attempt at one class ended.
enum Ended {
    Nothing,
    Found(Box<Witness>),
    Unknown(Doubt),
}

impl<'a> Question<'_, 'a> {
    pub(super) fn run(&self, cost: &mut Cost) -> Found {
        let elements = self.items.iter().map(|it| &it.statement.action);
        let elements: Vec<_> = elements.collect();
        let actions = Actions::new(elements.into_iter());
        let (leading, rivals) = self.leading();
        let catalog = (!self.analysis.open_actions).then_some(self.analysis.catalog);
        let mut doubt: Option<Doubt> = None;
        let flow = actions.visit(
            &leading,
            &rivals,
            catalog,
            self.analysis.budget.states,
            |class| match self.class(&class, &actions, cost) {
                Ended::Nothing => ControlFlow::Continue(()),
                Ended::Found(witness) => ControlFlow::Break(witness),
                Ended::Unknown(why) => {
                    doubt.get_or_insert(why);
                    ControlFlow::Continue(())
                }
            },
        );
        match (flow, doubt) {
            (Ok(ControlFlow::Break(witness)), _) => Found::Request(witness),
            (Err(_), _) => Found::Unknown(over_budget("actions", self.analysis.budget.states)),
            (_, Some(doubt)) => Found::Unknown(doubt),
            _ => Found::Nothing,
        }
    }

    /// Returns the statements whose actions matter, and those whose silence shows at once.
    fn leading(&self) -> (Bits, Bits) {
        let count = self.items.len();
        let allows = |layers: &mut dyn Iterator<Item = Layer>| {
            let mut bits = Bits::none(count);
            for at in layers.flatten() {
                if self.items[at].statement.effect == Effect::Allow {
                    bits.insert(at);
                }
            }
            bits
        };
        match &self.goal {
            Goal::Excess { a, b, .. } => (
                allows(&mut a.iter().take(1).map(|(layer, _)| layer.clone())),
                allows(&mut b.iter().map(|(layer, _)| layer.clone())),
            ),
            Goal::Decided { family, .. } => (
                allows(&mut std::iter::once(family.0.clone())),
                Bits::none(count),
            ),
        }
    }

    fn class(&self, class: &Class, actions: &Actions<'_>, cost: &mut Cost) -> Ended {
        if self.is_settled(class) {
            return Ended::Nothing;
        }
        if self.analysis.pure {
            return self.action(class, &class.action, None, actions, cost);
        }
        // Without facts first: what has no request then has none with them.
        let plain = self.action(class, &class.action, None, actions, cost);
        if matches!(plain, Ended::Nothing) {
            return plain;
        }
        let mut doubt = None;
        for (prefix, action) in actions.catalog_actions(class, self.analysis.catalog) {
            let name = format!("{prefix}:{}", action.name);
            match self.action(class, &name, Some(action), actions, cost) {
                Ended::Nothing => {}
                Ended::Unknown(why) => {
                    doubt.get_or_insert(why);
                }
                found => return found,
            }
        }
        let (prefix, name) = class.action.split_once(':').unwrap_or_default();
        let is_known = self.analysis.catalog.action(prefix, name).is_some();
        let is_closed = !self.analysis.open_actions || class.is_literal && is_known;
        if !is_closed || class.is_literal && !is_known {
            match self.action(class, &class.action, None, actions, cost) {
                Ended::Nothing => {}
                Ended::Unknown(why) => {
                    doubt.get_or_insert(why);
                }
                found => return found,
            }
        }
        doubt.map_or(Ended::Nothing, Ended::Unknown)
    }

    /// Whether a class has no such request, at a glance.
    fn is_settled(&self, class: &Class) -> bool {
        let Goal::Excess { a, b, .. } = &self.goal else {
            return false;
        };
        let of = |layer: &Layer, effect: Effect| -> Vec<&Item<'a>> {
            let named = layer.clone().filter(|at| class.members.contains(*at));
            let items = named.map(|at| &self.items[at]);
            items.filter(|it| it.statement.effect == effect).collect()
        };
        if a.iter()
            .any(|(layer, _)| of(layer, Effect::Allow).is_empty())
        {
            return true;
        }
        let [(first, _)] = a.as_slice() else {
            return false;
        };
        let leading = of(first, Effect::Allow);
        b.iter().all(|(layer, _)| {
            let allows = of(layer, Effect::Allow);
            of(layer, Effect::Deny).is_empty()
                && leading
                    .iter()
                    .all(|own| allows.iter().any(|it| covers(it, own)))
        })
    }

    /// Looks for a request of one action; `known` is its entry in the catalog, whose facts count.
    fn action(
        &self,
        class: &Class,
        name: &str,
        known: Option<&crate::catalog::Action>,
        actions: &Actions<'_>,
        cost: &mut Cost,
    ) -> Ended {
        let Some(action) = Action::parse(name) else {
            return Ended::Nothing;
        };
        let statements: Vec<(&Statement, Effect)> = class
            .members
            .iter()
            .map(|at| (self.items[at].statement, self.items[at].statement.effect))
            .collect();
        let open = Assignment::new();
        let attempt = self.attempt(class, &action, known, actions, &statements, &open, cost);
        let doubt = match attempt {
            Attempted::Nothing => return Ended::Nothing,
            Attempted::Found(witness) => return Ended::Found(witness),
            Attempted::Unknown(doubt) => doubt,
        };
        // The policy variables, one value after the other.
        let mut left = self.analysis.budget.assignments;
        let attempts = assign::attempts(&statements, self.analysis.catalog);
        let mut is_proof = !attempts.is_empty();
        for Attempt {
            assignment,
            is_part_of_proof,
        } in attempts
        {
            if left == 0 {
                return Ended::Unknown(over_budget(
                    "policy variables",
                    self.analysis.budget.assignments,
                ));
            }
            left -= 1;
            match self.attempt(
                class,
                &action,
                known,
                actions,
                &statements,
                &assignment,
                cost,
            ) {
                Attempted::Found(witness) => return Ended::Found(witness),
                Attempted::Nothing => {}
                Attempted::Unknown(_) => is_proof &= !is_part_of_proof,
            }
        }
        if is_proof {
            return Ended::Nothing;
        }
        Ended::Unknown(doubt)
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "everything that makes an attempt"
    )]
    fn attempt<'s>(
        &'s self,
        class: &Class,
        action: &Action,
        known: Option<&crate::catalog::Action>,
        actions: &Actions<'_>,
        statements: &[(&'a Statement, Effect)],
        assignment: &'s Assignment,
        cost: &mut Cost,
    ) -> Attempted
    where
        'a: 's,
    {
        let budget = self.analysis.budget;
        let scene = Scene::new(
            self.analysis.catalog,
            &self.callers,
            statements,
            assignment,
            budget.states,
        );
        let Ok(mut scene) = scene else {
            return Attempted::Unknown(over_budget("values of a condition key", budget.states));
        };
        let cast = Cast {
            items: &self.items,
            members: &class.members,
        };
        let goal = self.formula(&cast, &mut scene, action);
        if let Some(entry) = known {
            facts::add(&mut scene, action, entry, self);
        }
        let mut all = std::mem::take(&mut scene.facts);
        all.push(goal);
        let root = scene.formulas.and(all);
        let domains = scene.domains.clone();
        let mut search = Search::new(
            &mut scene.formulas,
            domains,
            &scene.languages,
            budget.nodes,
            budget.states,
        );
        let result = search.run(root);
        cost.nodes += search.cost.nodes;
        let model = match result {
            Err(_) => return Attempted::Unknown(over_budget("search", budget.nodes)),
            Ok(None) => return Attempted::Nothing,
            Ok(Some(model)) => model,
        };
        let drawn = witness::draw(self, &scene, &model, class, action, actions);
        match witness::check(self, drawn) {
            Checked::Yes(witness) => Attempted::Found(witness),
            Checked::Unknown(doubt) => Attempted::Unknown(doubt),
            Checked::No(request) => {
                let doubt = scene.approximate.clone().unwrap_or_else(|| Doubt {
                    reason: DoubtReason::Internal,
                    detail: format!("the evaluator disagrees about {request}"),
                });
                Attempted::Unknown(doubt)
            }
        }
    }

    fn formula(&self, cast: &Cast<'_, 'a>, scene: &mut Scene<'a>, action: &Action) -> Node {
        match &self.goal {
            Goal::Excess { a, b, directly } => {
                let mut all = Vec::new();
                for (layer, _) in a {
                    all.push(cast.allowed(scene, layer, *directly));
                }
                let mut kept = Vec::new();
                for (layer, _) in b {
                    kept.push(cast.allowed(scene, layer, *directly));
                }
                let kept = scene.formulas.and(kept);
                all.push(scene.formulas.not(kept));
                scene.formulas.and(all)
            }
            Goal::Decided {
                family,
                layers,
                access,
                allowed,
            } => {
                let family = cast.allowed(scene, &family.0, false);
                let decided = compose::allowed(cast, scene, layers, access, action);
                let decided = if *allowed {
                    decided
                } else {
                    scene.formulas.not(decided)
                };
                scene.formulas.and([family, decided])
            }
        }
    }
}

enum Attempted {
    Nothing,
    Found(Box<Witness>),
    Unknown(Doubt),
}

pub(super) fn over_budget(of: &str, limit: usize) -> Doubt {
    Doubt {
        reason: DoubtReason::Budget,
        detail: format!("{of}: more than {limit} steps"),
    }
}

/// Whether one statement allows everything that another does, as their texts show.
fn covers(outer: &Item<'_>, inner: &Item<'_>) -> bool {
    let (outer, inner) = (outer, inner);
    let same_kind = outer.document.kind == inner.document.kind
        && outer.document.version == inner.document.version;
    let principals = match (&outer.statement.principal, &inner.statement.principal) {
        _ if !outer.document.kind.has_principal() => !inner.document.kind.has_principal(),
        (Some(a), Some(b)) => {
            a.negated == b.negated
                && a.entries.len() == b.entries.len()
                && a.entries
                    .iter()
                    .zip(&b.entries)
                    .all(|(a, b)| a.name == b.name && a.text == b.text)
        }
        _ => false,
    };
    let resources = match (&outer.statement.resource, &inner.statement.resource) {
        (Some(a), _) if !a.negated && a.patterns.iter().any(|it| it.is_everything()) => true,
        (Some(a), Some(b)) => {
            let is_in = |text: &str| a.patterns.iter().any(|it| it.template.text() == text);
            same_kind
                && !a.negated
                && !b.negated
                && b.patterns.iter().all(|it| is_in(it.template.text()))
        }
        (None, None) => true,
        _ => false,
    };
    let has = |own: &crate::policy::Condition| {
        same_kind
            && inner.statement.conditions.iter().any(|it| {
                it.key == own.key
                    && it.operator == own.operator
                    && it.operator.is_some()
                    && it.values.len() == own.values.len()
                    && it
                        .values
                        .iter()
                        .zip(&own.values)
                        .all(|(a, b)| a.template.text() == b.template.text())
            })
    };
    principals && resources && outer.statement.conditions.iter().all(has)
}
