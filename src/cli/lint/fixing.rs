//! `--fix` and `--diff`: proven fixes, written into the files or shown.

use rayon::prelude::*;

use super::settings::Lookup;
use super::{LintArgs, Work, job};
use crate::catalog::Catalog;
use crate::cli::input::STDIN;
use crate::cli::replace::{Replaced, replace};
use crate::finding::FixClass;
use crate::fix::{Applied, fix_text};
use crate::rule::Memo;
use crate::source::Sources;

/// A text that fixes change.
pub(super) struct Changed {
    pub(super) name: String,
    pub(super) before: String,
    /// With the fixes that `--fix` makes.
    pub(super) after: String,
    /// With those that could allow more, too; only worked out for `--diff`.
    pub(super) suggested: String,
    pub(super) applied: Vec<Applied>,
}

/// Works the fixes out, and with `--fix` writes them. What is left to look at are the texts as
/// they are afterwards.
pub(super) fn fix(
    args: &LintArgs,
    mut works: Vec<Work>,
    sources: &mut Sources,
    lookup: &Lookup,
    catalog: &'static Catalog,
) -> Result<(Vec<Work>, Vec<Changed>), String> {
    let most = if args.narrowing {
        FixClass::Narrowing
    } else {
        FixClass::Equivalent
    };
    let one = |memo: &mut Memo, work: &Work| {
        let before = sources.get(work.file).text.clone();
        let fixed = fix_text(&work.name, &before, job(work, lookup), memo, most);
        let suggested = if args.diff {
            let all = FixClass::Suggested;
            fix_text(&work.name, &fixed.text, job(work, lookup), memo, all).text
        } else {
            fixed.text.clone()
        };
        Changed {
            name: work.name.clone(),
            before,
            after: fixed.text,
            suggested,
            applied: fixed.applied,
        }
    };
    let changed: Vec<Changed> = works
        .par_iter()
        .with_min_len(super::share(works.len()))
        .map_init(|| Memo::new(catalog), one)
        .collect();
    if args.fix {
        for (work, changed) in works.iter_mut().zip(&changed) {
            if changed.after == changed.before {
                continue;
            }
            if !is_stdin(args, &work.name) {
                replace(&[Replaced {
                    name: &work.name,
                    text: &changed.after,
                    is_new: false,
                }])?;
            }
            work.file = sources.add(work.name.as_str(), changed.after.as_str());
        }
    }
    let changed = changed.into_iter().filter(|it| {
        let is_text = is_stdin(args, &it.name) && args.fix;
        is_text || it.suggested != it.before
    });
    Ok((works, changed.collect()))
}

/// Whether the text came from standard input; then the fixed one goes to standard output.
pub(super) fn is_stdin(args: &LintArgs, name: &str) -> bool {
    args.paths.iter().any(|it| it == STDIN)
        && (name == "<stdin>" || args.stdin_filename.as_deref() == Some(name))
}
