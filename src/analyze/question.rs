//! One question: class by class of actions, attempt by attempt at its policy variables.

use std::ops::ControlFlow;

use super::action::{Actions, Class};
use super::assign::{self, Candidates};
use super::bits::Bits;
use super::caller::Callers;
use super::compose::{self, Cast, Item, Layer, Layers};
use super::facts;
use super::formula::Node;
use super::memo::{Memo, WORK_PER_NODE};
use super::overlap;
use super::scene::{Assignment, Scene};
use super::search::Search;
use super::shortcut;
use super::template;
use super::variable::{Attempted, Variables};
use super::witness::{self, Checked};
use super::{Access, Analysis, Cost, Doubt, DoubtReason, Found, Witness};
use crate::evaluate::grant::Grant;
use crate::evaluate::{Action, special};
use crate::policy::{Document, Effect, Statement};

/// What a request has to be like.
#[derive(Debug)]
pub(super) enum Goal<'q, 'a> {
    /// The layers of the first allow it, all of them; those of the second do not.
    Excess {
        a: Vec<(Layer, &'a [Document])>,
        b: Vec<(Layer, &'a [Document])>,
        /// How the caller has to be named where principals are.
        ways: &'static [Grant],
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
    /// Keys that the catalog lacks and some statement takes for a list.
    pub(super) lists: Vec<&'a str>,
    pub(super) memo: Memo,
}

/// Returns the keys that the catalog lacks and some statement compares by a set operator: they are
/// taken for lists wherever they stand.
pub(super) fn lists<'a>(items: &[Item<'a>], catalog: &crate::catalog::Catalog) -> Vec<&'a str> {
    let mut lists: Vec<&str> = Vec::new();
    for condition in items.iter().flat_map(|it| &it.statement.conditions) {
        let is_list = condition.operator.is_some_and(|it| it.quantifier.is_some());
        let key = &*condition.key;
        if is_list && !lists.contains(&key) && catalog.condition_key(key).is_none() {
            lists.push(key);
        }
    }
    lists
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
        let mut actions = Actions::new(elements.into_iter(), !self.analysis.pure);
        if let Goal::Decided { layers, .. } = &self.goal {
            // Services and actions for which AWS decides otherwise than in general.
            for service in special::SERVICES {
                let own = special::actions().filter(|(of, _)| *of == service);
                actions.single_out(service, own.map(|(_, name)| name));
            }
            if !layers.rcps.is_empty() {
                for service in self.analysis.catalog.rcp_services() {
                    actions.single_out(service, std::iter::empty());
                }
            }
        }
        let actions = actions;
        let (leading, rivals) = self.leading();
        let catalog = (!self.analysis.open_actions).then_some(self.analysis.catalog);
        let mut doubt: Option<Doubt> = None;
        let flow = actions.visit(
            &leading,
            &rivals,
            catalog,
            (&self.memo, self.analysis.budget.states),
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
        let members: Vec<usize> = class.members.iter().collect();
        let own = match &self.goal {
            Goal::Excess { a, .. } => a
                .first()
                .map(|(layer, _)| layer.clone())
                .unwrap_or_default(),
            Goal::Decided { family, .. } => family.0.clone(),
        };
        let mut doubt = None;
        let first = self.first(&members);
        for named in overlap::parts(&self.items, &members, &first, &own) {
            if self.memo.nodes() == 0 {
                return Ended::Unknown(over_budget("search", self.analysis.budget.nodes));
            }
            match self.part(class, &named, actions, cost) {
                Ended::Nothing => {}
                Ended::Unknown(why) => {
                    doubt.get_or_insert(why);
                }
                found => return found,
            }
        }
        doubt.map_or(Ended::Nothing, Ended::Unknown)
    }

    /// Returns the statements of which one has to allow a request, but for those whose requests
    /// are settled at a glance.
    fn first(&self, members: &[usize]) -> Vec<usize> {
        let allows = |layer: &Layer| -> Vec<usize> {
            let is_in = |at: &&usize| {
                layer.contains(*at) && self.items[**at].statement.effect == Effect::Allow
            };
            members.iter().filter(is_in).copied().collect()
        };
        match &self.goal {
            Goal::Decided { family, .. } => allows(&family.0),
            Goal::Excess { a, b, .. } => {
                if a.iter().any(|(layer, _)| allows(layer).is_empty()) {
                    return Vec::new();
                }
                let Some((first, _)) = a.first() else {
                    return Vec::new();
                };
                let mut leading = allows(first);
                if !shortcut::on("covered") {
                    return leading;
                }
                let denies = |layer: &Layer| {
                    let denies = |at: &usize| self.items[*at].statement.effect == Effect::Deny;
                    members.iter().any(|at| layer.contains(at) && denies(at))
                };
                if b.iter().any(|(layer, _)| denies(layer)) {
                    return leading;
                }
                let of = |layer: &Layer| {
                    let items = allows(layer).into_iter().map(|at| &self.items[at]);
                    overlap::Covers::new(items.collect())
                };
                let covers: Vec<overlap::Covers<'_>> = b.iter().map(|(it, _)| of(it)).collect();
                leading.retain(|at| !covers.iter().all(|it| it.has(&self.items[*at])));
                leading
            }
        }
    }

    fn part(
        &self,
        class: &Class,
        named: &[usize],
        actions: &Actions<'_>,
        cost: &mut Cost,
    ) -> Ended {
        // Without facts first: what has no request then has none with them.
        let plain = self.action(class, &class.action, named, None, actions, cost);
        if self.analysis.pure || matches!(plain, Ended::Nothing) {
            return plain;
        }
        let mut doubt = None;
        for (prefix, action) in actions.catalog_actions(class, self.analysis.catalog) {
            let name = format!("{prefix}:{}", action.name);
            match self.action(class, &name, named, Some(action), actions, cost) {
                Ended::Nothing => {}
                Ended::Unknown(why) => {
                    doubt.get_or_insert(why);
                }
                found => return found,
            }
        }
        let (prefix, name) = class.action.split_once(':').unwrap_or_default();
        let is_known = self.analysis.catalog.action(prefix, name).is_some();
        let has_others = if class.is_literal {
            !is_known
        } else {
            self.analysis.open_actions
        };
        match plain {
            // A name that AWS may give tomorrow, or one that it does not know: no facts.
            plain if has_others => match (plain, doubt) {
                (Ended::Unknown(why), _) => Ended::Unknown(why),
                (found, _) => found,
            },
            _ => doubt.map_or(Ended::Nothing, Ended::Unknown),
        }
    }

    /// Looks for a request of one action; `known` is its entry in the catalog, whose facts count.
    fn action(
        &self,
        class: &Class,
        name: &str,
        named: &[usize],
        known: Option<&crate::catalog::Action>,
        actions: &Actions<'_>,
        cost: &mut Cost,
    ) -> Ended {
        let Some(action) = Action::parse(name) else {
            return Ended::Nothing;
        };
        let statements: Vec<(&Statement, Effect)> = named
            .iter()
            .map(|at| (self.items[*at].statement, self.items[*at].statement.effect))
            .collect();
        let open = self.settled(&action, &statements);
        let attempt = self.attempt(
            class,
            &action,
            named,
            known,
            actions,
            &statements,
            &open,
            cost,
        );
        let (doubt, drawn) = match attempt {
            Attempted::Nothing => return Ended::Nothing,
            Attempted::Found(witness) => return Ended::Found(witness),
            Attempted::Unknown(doubt, drawn) => (doubt, drawn),
        };
        // The policy variables, one after the other.
        let mut keys = assign::keys(&statements, |key| self.is_list(key));
        keys.retain(|key| open.iter().all(|(settled, _)| settled != key));
        let mut variables = Variables {
            attempt: &mut |assignment| {
                let statements = &statements;
                self.attempt(
                    class, &action, named, known, actions, statements, assignment, cost,
                )
            },
            candidates: Candidates::new(keys, &statements, &self.memo),
            memo: &self.memo,
            limit: self.analysis.budget.assignments,
        };
        match variables.settle(&open, doubt, &drawn) {
            Attempted::Nothing => Ended::Nothing,
            Attempted::Found(witness) => Ended::Found(witness),
            Attempted::Unknown(doubt, _) => Ended::Unknown(doubt),
        }
    }

    /// Whether a key is a list: by the catalog, or for one that it lacks by how it is compared.
    fn is_list(&self, key: &str) -> bool {
        match self.analysis.catalog.condition_key(key) {
            Some(declared) => declared.multivalued,
            None => self.lists.contains(&key),
        }
    }

    /// Returns what the policy variables stand for that follow from a known caller.
    fn settled(&self, action: &Action, statements: &[(&Statement, Effect)]) -> Assignment {
        let mut settled = Assignment::new();
        let Goal::Decided { access, .. } = &self.goal else {
            return settled;
        };
        if self.analysis.pure {
            return settled;
        }
        for variable in statements
            .iter()
            .flat_map(|(it, _)| template::variables_of(it))
        {
            let key = variable.key.to_string();
            if settled.iter().any(|(known, _)| *known == key) {
                continue;
            }
            if let Some(setting) = facts::caller_key(&key, action, access, self.analysis.catalog) {
                settled.push((key, setting));
            }
        }
        settled
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "everything that makes an attempt"
    )]
    fn attempt<'s>(
        &'s self,
        class: &Class,
        action: &Action,
        named: &[usize],
        known: Option<&crate::catalog::Action>,
        actions: &Actions<'_>,
        statements: &[(&'a Statement, Effect)],
        assignment: &Assignment,
        cost: &mut Cost,
    ) -> Attempted
    where
        'a: 's,
    {
        let budget = self.analysis.budget;
        // Reading the statements is work, too; each condition is held against those before it.
        let conditions = statements.iter().map(|(it, _)| it.conditions.len());
        let conditions: usize = conditions.sum();
        let work = statements.len() + conditions + conditions * conditions / WORK_PER_NODE;
        if self.memo.nodes() == 0 {
            return unknown(over_budget("search", budget.nodes));
        }
        self.memo.spend(0, work);
        let scene = Scene::new(
            self.analysis.catalog,
            &self.callers,
            statements,
            assignment,
            &self.lists,
            &self.memo,
            budget.states,
        );
        let Ok(mut scene) = scene else {
            return unknown(over_budget("values of a condition key", budget.states));
        };
        let cast = Cast {
            items: &self.items,
            named,
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
            self.memo.nodes(),
            budget.states,
            &self.memo,
        );
        let result = search.run(root);
        cost.nodes += search.cost.nodes;
        self.memo.spend(search.cost.nodes, search.work);
        let model = match result {
            Err(_) => return unknown(over_budget("search", budget.nodes)),
            Ok(None) => return Attempted::Nothing,
            Ok(Some(model)) => model,
        };
        let drawn = witness::draw(self, &scene, &model, class, action, actions);
        match witness::check(self, drawn) {
            Checked::Yes(witness) => Attempted::Found(witness),
            Checked::Unknown(doubt) => unknown(doubt),
            Checked::No(request) => {
                let doubt = scene.approximate.clone().unwrap_or_else(|| Doubt {
                    reason: DoubtReason::Internal,
                    detail: format!("the evaluator disagrees about {request}"),
                });
                Attempted::Unknown(doubt, witness::values(&scene, &request))
            }
        }
    }

    fn formula(&self, cast: &Cast<'_, 'a>, scene: &mut Scene<'a>, action: &Action) -> Node {
        match &self.goal {
            Goal::Excess { a, b, ways } => {
                let mut all = Vec::new();
                for (layer, _) in a {
                    all.push(cast.allowed(scene, layer, ways));
                }
                let mut kept = Vec::new();
                for (layer, _) in b {
                    kept.push(cast.allowed(scene, layer, ways));
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
                let family = cast.allowed(scene, &family.0, compose::WAYS[0]);
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

fn unknown(doubt: Doubt) -> Attempted {
    Attempted::Unknown(doubt, Assignment::new())
}

pub(super) fn over_budget(of: &str, limit: usize) -> Doubt {
    Doubt {
        reason: DoubtReason::Budget,
        detail: format!("{of}: more than {limit} steps"),
    }
}
