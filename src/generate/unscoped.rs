//! What is allowed on more than is needed, because AWS offers no way to say less.

use std::collections::BTreeSet;

use super::atom::Atom;
use super::bundle::Unscoped;
use crate::arn::Arn;
use crate::catalog::Catalog;

/// Returns the actions that neither an ARN nor a tag narrows to what is needed, with the reason.
pub(super) fn list(atoms: &[&Atom], catalog: &Catalog) -> Vec<Unscoped> {
    let all: BTreeSet<Unscoped> = atoms
        .iter()
        .filter_map(|it| unscoped(it, catalog))
        .collect();
    all.into_iter().collect()
}

fn unscoped(atom: &Atom, catalog: &Catalog) -> Option<Unscoped> {
    let in_region = atom
        .conditions
        .keys()
        .any(|it| it.key.eq_ignore_ascii_case("aws:RequestedRegion"));
    let others = atom.conditions.len() - usize::from(in_region);
    if others > 0 {
        return None;
    }
    let (service, name) = atom.action.split_once(':')?;
    let known = catalog.action(service, name);
    let limit = match in_region {
        true => "; held to the region",
        false => "",
    };
    let reason = if atom.resource == "*" {
        match known.is_some_and(|it| it.resource_types.is_empty()) {
            true => format!("AWS checks it on no resource and takes no narrower condition{limit}"),
            false => format!("the profile names no resource for it{limit}"),
        }
    } else if is_any(&atom.resource) {
        let what = atom.resource_type.as_deref().unwrap_or("its type");
        format!("AWS gives {what} its ids, and nothing that is known of it can be tested")
    } else {
        return None;
    };
    Some(Unscoped {
        action: atom.action.clone(),
        reason,
    })
}

/// Whether a pattern stands for all resources of its type: nothing in it was chosen by anybody.
fn is_any(pattern: &str) -> bool {
    let Some(arn) = Arn::parse(pattern) else {
        return false;
    };
    let id = arn.resource.rsplit(['/', ':']).next().unwrap_or_default();
    let kind = &arn.resource[..arn.resource.len() - id.len()];
    let is_plain = !kind.contains('*') && kind.matches(['/', ':']).count() == 1;
    // EC2 gives its ids itself: `ami-*` is no name.
    is_plain && (id == "*" || arn.service == "ec2" && id.ends_with("-*"))
}
