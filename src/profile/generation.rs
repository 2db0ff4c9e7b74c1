//! `[generate]`: what `generate` needs to know beside the requirements.
//!
//! How the policies are called that the customer makes, and which variables hold the permissions
//! boundaries that it may make too. Nothing here makes a policy: that is `generate`'s.

use super::read::{Errors, Fields, Node};
use super::validate::check_template;
use super::{Binding, Profile, SettingError, Settings, Template};
use crate::source::Span;

/// How the policies that the customer makes are called.
#[derive(Clone, Debug)]
pub struct Generation {
    /// How their names start.
    pub name: Template,
    /// Their path in IAM.
    pub path: Template,
    /// The permissions boundary of the actors that the customer makes.
    pub boundary: BoundaryPolicy,
    /// The permissions boundary of the roles that the vendor makes.
    pub workload_boundary: Option<BoundaryPolicy>,
}

/// A permissions boundary that is either the customer's own or made by `generate`.
#[derive(Clone, Debug)]
pub struct BoundaryPolicy {
    /// The variable with its ARN.
    pub variable: String,
    /// The name of the policy that `generate` makes where the customer has none.
    pub policy: Template,
    span: Span,
}

const WHAT: &str = "`[generate]`";

/// Reads the section.
pub(super) fn read(fields: &Fields<'_>, errors: &mut Errors) -> Option<Generation> {
    let node = fields.get("generate")?;
    let keys = ["name", "path", "boundary", "workload-boundary"];
    let section = Fields::of_node(WHAT, node, node.span, &keys, errors)?;
    let mut required = |key: &str| section.required(key, errors);
    let (name, path, boundary) = (required("name"), required("path"), required("boundary"));
    let workload = section.get("workload-boundary");
    let name = name.and_then(|node| node.template(errors));
    let path = path.and_then(|node| node.template(errors));
    let boundary = boundary.and_then(|node| read_boundary("boundary", node, errors));
    let workload_boundary =
        workload.and_then(|node| read_boundary("workload-boundary", node, errors));
    Some(Generation {
        name: name?,
        path: path?,
        boundary: boundary?,
        workload_boundary,
    })
}

fn read_boundary(key: &str, node: Node<'_>, errors: &mut Errors) -> Option<BoundaryPolicy> {
    let what = format!("`{key}` of {WHAT}");
    let fields = Fields::of_node(what, node, node.span, &["variable", "policy"], errors)?;
    let variable = fields.required("variable", errors);
    let policy = fields.required("policy", errors);
    let variable = variable.and_then(|node| Some((node.text(errors)?.to_owned(), node.span)));
    let policy = policy.and_then(|node| node.template(errors));
    let (variable, span) = variable?;
    Some(BoundaryPolicy {
        variable,
        policy: policy?,
        span,
    })
}

/// Reports what does not fit the variables.
pub(super) fn check(profile: &Profile, errors: &mut Errors) {
    let Some(generation) = &profile.generation else {
        return;
    };
    let templates = [&generation.name, &generation.path];
    for template in templates.into_iter().chain(generation.policies()) {
        check_template(profile, template, errors);
    }
    for boundary in generation.boundaries() {
        check_variable(profile, boundary, errors);
    }
    for needed in ["partition", "account"] {
        if profile.variable(needed).is_none() {
            let message = format!("{WHAT} needs the variable `{needed}`");
            let help = "declare it in `[variables]`: the ARNs of generated policies name it";
            errors.push(generation.name.span(), message, help);
        }
    }
    if let Some(workload) = &generation.workload_boundary
        && workload.variable == generation.boundary.variable
    {
        let message = format!("`{}` holds both boundaries", workload.variable);
        let help = "declare two variables: created roles must not get what their creator needs";
        errors.push(workload.span, message, help);
    }
    let errors_before = errors.list.len();
    check_filled(profile, generation, errors);
    if errors.list.len() == errors_before {
        check_distinct(profile, generation, errors);
    }
}

fn check_variable(profile: &Profile, boundary: &BoundaryPolicy, errors: &mut Errors) {
    let name = boundary.variable.as_str();
    match profile.variable(name) {
        None => {
            let known = profile.variables.iter().map(|it| it.name.as_str());
            errors.unknown(boundary.span, "variable", name, known);
        }
        Some(variable) if variable.kind.word() != "arn" => {
            let word = variable.kind.word();
            let message = format!("the variable `{name}` is of type `{word}`, not `arn`");
            errors.push(boundary.span, message, "a boundary is given by its ARN");
        }
        Some(_) => {}
    }
}

/// Holds what the defaults make of the texts against what IAM takes.
fn check_filled(profile: &Profile, generation: &Generation, errors: &mut Errors) {
    let settings = Settings::default();
    // Without a default there is nothing to look at until a value is given.
    let Ok(path) = profile.fill(&generation.path, &settings) else {
        return;
    };
    if let Some(complaint) = path_complaint(&path) {
        errors.push(generation.path.span(), complaint, "");
    }
    for template in std::iter::once(&generation.name).chain(generation.policies()) {
        let filled = profile.fill(template, &settings).unwrap_or_default();
        if let Some(complaint) = name_complaint(&filled) {
            errors.push(template.span(), complaint, "");
        }
    }
}

/// Two policies of one name are one policy.
fn check_distinct(profile: &Profile, generation: &Generation, errors: &mut Errors) {
    let Some(workload) = &generation.workload_boundary else {
        return;
    };
    let filled = |template| profile.fill(template, &Settings::default()).ok();
    let (own, other) = (
        filled(&generation.boundary.policy),
        filled(&workload.policy),
    );
    if let (Some(own), Some(other)) = (own, other)
        && own.eq_ignore_ascii_case(&other)
    {
        let message = format!("both boundaries are called `{other}`");
        errors.push(workload.policy.span(), message, "give each its own name");
    }
}

/// IAM API Reference, `CreatePolicy`: `Path` is `/` or printable ASCII between slashes, at most
/// 512 characters.
fn path_complaint(path: &str) -> Option<String> {
    let fits = path.starts_with('/')
        && path.ends_with('/')
        && path.len() <= 512
        && path.bytes().all(|byte| byte.is_ascii_graphic());
    (!fits).then(|| format!("`{path}` is not a path that starts and ends with `/`"))
}

/// IAM API Reference, `CreatePolicy`: `PolicyName`, 1 to 128 characters.
fn name_complaint(name: &str) -> Option<String> {
    let fits = (1..=128).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+=,.@_-".contains(&byte));
    (!fits).then(|| format!("`{name}` is not 1 to 128 letters, digits and `+=,.@_-`"))
}

impl Generation {
    /// Returns the boundaries: the actors' own one first.
    pub fn boundaries(&self) -> impl Iterator<Item = &BoundaryPolicy> {
        std::iter::once(&self.boundary).chain(&self.workload_boundary)
    }

    fn policies(&self) -> impl Iterator<Item = &Template> {
        self.boundaries().map(|boundary| &boundary.policy)
    }
}

impl Profile {
    /// Returns the ARN of the policy that `generate` makes for this boundary; none where the
    /// settings name another one.
    ///
    /// What counts is the customer's choice: the variable's default, which lets `check` judge
    /// documents without settings, keeps no policy from being made. Under what
    /// [`Profile::generation_settings`] returned the answer is the same.
    ///
    /// # Errors
    ///
    /// Returns everything that is wrong with the settings, and what IAM would not take for a name
    /// or a path.
    pub fn generated_boundary(
        &self,
        boundary: &BoundaryPolicy,
        settings: &Settings,
    ) -> Result<Option<String>, Vec<SettingError>> {
        let Some(generation) = &self.generation else {
            return Ok(None);
        };
        let inputs = self.inputs(settings)?;
        let mut binding = Binding::default();
        for (variable, values) in &inputs {
            if let Some(first) = values.first() {
                binding.bind(&variable.name, first);
            }
        }
        let path = generation.path.fill(&binding);
        let policy = boundary.policy.fill(&binding);
        let complaints = [path_complaint(&path), name_complaint(&policy)];
        let errors: Vec<SettingError> = complaints
            .into_iter()
            .flatten()
            .map(|complaint| SettingError {
                message: format!("the boundary in `{}`: {complaint}", boundary.variable),
                help: "change the variables that its name and path are made of".to_owned(),
            })
            .collect();
        if !errors.is_empty() {
            return Err(errors);
        }
        let of = |name: &str| binding.get(name).unwrap_or_default();
        let (partition, account) = (of("partition"), of("account"));
        let arn = format!("arn:{partition}:iam::{account}:policy{path}{policy}");
        let chosen = settings.variables.get(&boundary.variable);
        let is_own = chosen
            .into_iter()
            .flatten()
            .any(|value| !value.is_empty() && *value != arn);
        Ok((!is_own).then_some(arn))
    }

    /// Returns the settings with the ARNs of the boundaries that `generate` makes filled in.
    ///
    /// # Errors
    ///
    /// Returns everything that is wrong with the settings, and what IAM would not take for a name
    /// or a path.
    pub fn generation_settings(&self, settings: &Settings) -> Result<Settings, Vec<SettingError>> {
        let mut filled = settings.clone();
        for boundary in self.generation.iter().flat_map(Generation::boundaries) {
            if let Some(arn) = self.generated_boundary(boundary, settings)? {
                filled
                    .variables
                    .insert(boundary.variable.clone(), vec![arn]);
            }
        }
        Ok(filled)
    }
}
