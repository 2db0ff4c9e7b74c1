//! `rolecall catalog`: shows the catalog, and builds a newer one from a folder.
//!
//! Also loads the catalog for the other subcommands. Nothing here asks the network: the user
//! brings the folder.

mod update;

use std::io::Write as _;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use etcetera::BaseStrategy as _;
use serde_json::json;

use crate::catalog::{Action, Catalog, CatalogError, Info, Service};

/// Show the catalog of what AWS defines, or build a newer one.
#[derive(Debug, Args)]
pub struct CatalogArgs {
    #[command(subcommand)]
    command: Command,
    /// Use the catalog in the binary even if the cache has a newer one.
    #[arg(long, global = true)]
    builtin_catalog: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print the catalog's date, hash, counts and sources.
    Info {
        /// How to print.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Print what is known about an action, such as `ec2:RunInstances`.
    Action {
        /// The action: SERVICE:NAME.
        name: String,
        /// How to print.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Build a newer catalog from a folder and use it from now on.
    Update(update::UpdateArgs),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    #[default]
    Text,
    Json,
}

/// Why the catalog cannot be used or built; each is the user's to put right.
#[derive(Debug, thiserror::Error)]
pub enum CatalogFileError {
    /// The platform says of no cache directory.
    #[error("no cache directory for this user: {0}")]
    NoCacheDirectory(String),
    /// A file or folder cannot be read or written.
    #[error("cannot {doing} `{path}`: {cause}")]
    File {
        /// What was tried: "read", "write".
        doing: &'static str,
        /// The file.
        path: String,
        /// The system's words.
        cause: String,
    },
    /// The cached catalog is damaged, or written by another version.
    #[error(
        "`{path}`: {cause}\nhelp: run `rolecall catalog update` again, delete the file, or pass `--builtin-catalog`"
    )]
    Cached {
        /// The file.
        path: String,
        /// What is wrong with it.
        cause: CatalogError,
    },
}

/// A catalog for the run.
#[derive(Debug)]
pub enum Loaded {
    /// The one in the binary.
    Builtin(&'static Catalog),
    /// The one in the user's cache.
    Cached(Box<Catalog>),
}

impl std::ops::Deref for Loaded {
    type Target = Catalog;

    fn deref(&self) -> &Catalog {
        match self {
            Self::Builtin(catalog) => catalog,
            Self::Cached(catalog) => catalog,
        }
    }
}

/// Returns the catalog to use: the one in the user's cache, else, or with `builtin`, the one in
/// the binary.
///
/// # Errors
///
/// There is a cached catalog and it cannot be read. It is never passed over in silence: the
/// answers would rest on other data than the user chose.
pub fn load_catalog(builtin: bool) -> Result<Loaded, CatalogFileError> {
    if builtin {
        return Ok(Loaded::Builtin(Catalog::builtin()));
    }
    // Without a cache directory nothing can have been cached.
    let Ok(path) = cache_file() else {
        return Ok(Loaded::Builtin(Catalog::builtin()));
    };
    #[expect(
        clippy::disallowed_methods,
        reason = "this is `cli`, which reads files"
    )]
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(Loaded::Builtin(Catalog::builtin()));
        }
        Err(error) => {
            return Err(CatalogFileError::File {
                doing: "read",
                path: path.display().to_string(),
                cause: format!("{error}; delete it, or pass `--builtin-catalog`"),
            });
        }
    };
    match Catalog::from_text(text) {
        Ok(catalog) => Ok(Loaded::Cached(Box::new(catalog))),
        Err(cause) => Err(CatalogFileError::Cached {
            path: path.display().to_string(),
            cause,
        }),
    }
}

/// Returns the catalog to use for as long as the process runs.
///
/// # Errors
///
/// As [`load_catalog`].
pub(super) fn load_static_catalog(builtin: bool) -> Result<&'static Catalog, CatalogFileError> {
    Ok(match load_catalog(builtin)? {
        Loaded::Builtin(catalog) => catalog,
        // There is one for the whole run, so it is never given back.
        Loaded::Cached(catalog) => Box::leak(catalog),
    })
}

/// Returns the line by which a report names its catalog.
#[must_use]
pub fn catalog_line(info: &Info) -> String {
    let origin = if info.builtin {
        "built in"
    } else {
        "from the cache"
    };
    format!("catalog {} ({}, {origin})", info.date, info.hash)
}

fn cache_file() -> Result<PathBuf, CatalogFileError> {
    let strategy = etcetera::choose_base_strategy();
    let strategy =
        strategy.map_err(|error| CatalogFileError::NoCacheDirectory(error.to_string()))?;
    Ok(strategy.cache_dir().join("rolecall").join("catalog.txt"))
}

/// Runs the subcommand and returns the exit code: 0, 2 for wrong use, 3 for an unknown name.
#[must_use]
pub fn run(args: CatalogArgs) -> u8 {
    if let Command::Update(update) = args.command {
        return update::run(&update);
    }
    let catalog = match load_catalog(args.builtin_catalog) {
        Ok(catalog) => catalog,
        Err(error) => return complain(&error),
    };
    let newest = &Catalog::builtin().info().date;
    if catalog.info().date < *newest {
        // A cached catalog outlives upgrades of rolecall.
        warn(&format!(
            "the catalog in the cache is older than the built-in one of {newest}"
        ));
    }
    match args.command {
        Command::Info {
            format: Format::Text,
        } => print(&info_text(catalog.info())),
        Command::Info {
            format: Format::Json,
        } => print_json(&info_json(catalog.info())),
        Command::Action { name, format } => action(&catalog, &name, format),
        Command::Update(_) => 0,
    }
}

fn print(text: &str) -> u8 {
    // A closed pipe (`| head`) is no failure of ours.
    let _ = anstream::stdout().write_all(text.as_bytes());
    0
}

fn print_json(value: &serde_json::Value) -> u8 {
    print(&format!("{value:#}\n"))
}

fn complain(error: &dyn std::fmt::Display) -> u8 {
    let _ = writeln!(anstream::stderr(), "error: {error}");
    2
}

fn warn(message: &str) {
    let _ = writeln!(anstream::stderr(), "warning: {message}");
}

/// Returns what `catalog info` prints.
#[must_use]
pub fn info_text(info: &Info) -> String {
    let counts = &info.counts;
    let rows = [
        (counts.services, "services"),
        (counts.actions, "actions"),
        (
            counts.action_resource_types,
            "pairs of an action and a resource type",
        ),
        (
            counts.actions_with_dependents,
            "actions with dependent actions",
        ),
        (counts.resource_types, "resource types"),
        (counts.condition_keys, "condition keys, counted by service"),
        (info.global_keys, "global condition keys"),
        (info.rcp_services, "services with resource control policies"),
        (info.partitions, "partitions"),
        (info.regions, "regions"),
        (
            info.service_principals,
            "service principals (an incomplete list)",
        ),
    ];
    let mut text = catalog_line(info);
    text.push('\n');
    for (count, name) in rows {
        text += &format!("{count:>7} {name}\n");
    }
    text += "sources\n";
    for source in &info.sources {
        text += &format!(
            "  {} {} ({}): {}\n",
            source.name, source.version, source.licence, source.provides
        );
    }
    text
}

fn info_json(info: &Info) -> serde_json::Value {
    let counts = &info.counts;
    let sources: Vec<_> = info
        .sources
        .iter()
        .map(|it| {
            json!({
                "name": it.name,
                "version": it.version,
                "licence": it.licence,
                "provides": it.provides,
            })
        })
        .collect();
    json!({
        "date": info.date,
        "hash": info.hash,
        "builtin": info.builtin,
        "counts": {
            "services": counts.services,
            "actions": counts.actions,
            "action_resource_types": counts.action_resource_types,
            "actions_with_dependents": counts.actions_with_dependents,
            "resource_types": counts.resource_types,
            "condition_keys": counts.condition_keys,
            "global_keys": info.global_keys,
            "rcp_services": info.rcp_services,
            "partitions": info.partitions,
            "regions": info.regions,
            "service_principals": info.service_principals,
        },
        "sources": sources,
    })
}

fn action(catalog: &Catalog, name: &str, format: Format) -> u8 {
    let Some((prefix, action)) = name.split_once(':') else {
        return complain(&format!("`{name}` is not an action: write SERVICE:NAME"));
    };
    let Some(service) = catalog.service(prefix) else {
        return unknown(
            "service",
            prefix,
            &catalog.similar_services(prefix),
            catalog,
        );
    };
    let Some(found) = service.action(action) else {
        let similar = catalog.similar_actions(prefix, action);
        let similar: Vec<_> = similar
            .iter()
            .map(|it| format!("{}:{it}", service.prefix()))
            .collect();
        return unknown("action", name, &similar, catalog);
    };
    match format {
        Format::Text => print(&action_text(catalog, service, found)),
        Format::Json => print_json(&action_json(catalog, service, found)),
    }
}

fn unknown(what: &str, name: &str, similar: &[String], catalog: &Catalog) -> u8 {
    let similar: Vec<_> = similar.iter().map(|it| format!("`{it}`")).collect();
    let hint = if similar.is_empty() {
        String::new()
    } else {
        format!("; did you mean {}?", similar.join(" or "))
    };
    let date = &catalog.info().date;
    let _ = writeln!(
        anstream::stderr(),
        "error: the catalog of {date} has no {what} `{name}`{hint}"
    );
    3
}

/// Returns what `catalog action` prints.
#[must_use]
pub fn action_text(catalog: &Catalog, service: &Service, action: &Action) -> String {
    let mut text = format!(
        "{}:{} ({})\n",
        service.prefix(),
        action.name,
        service.name()
    );
    text += &format!("access level: {}\n", action.access_levels);
    if action.permission_only {
        text += "permission only: there is no API operation of this name\n";
    }
    let rcp = if catalog.supports_rcp(service.prefix()) {
        "yes"
    } else {
        "no"
    };
    text += &format!("resource control policies apply: {rcp}\n");
    if action.resource_types.is_empty() {
        text += "resource types: none, so `Resource` must be `*`\n";
    } else {
        text += "resource types (* required):\n";
    }
    for row in &action.resource_types {
        let mark = match (row.required, row.required_known) {
            (true, _) => "*",
            (false, true) => "",
            (false, false) => " (not known whether required)",
        };
        text += &format!("  {}{mark}\n", row.name);
        for arn in service
            .resource_type(&row.name)
            .iter()
            .flat_map(|it| it.arn_templates.iter())
        {
            text += &format!("    {arn}\n");
        }
        if !row.condition_keys.is_empty() {
            text += &format!("    keys: {}\n", row.condition_keys.join(", "));
        }
        if let Some(evidence) = &row.evidence {
            text += &format!("    not in AWS's reference, added because of: {evidence}\n");
        }
    }
    if !action.condition_keys.is_empty() {
        text += "condition keys of the action:\n";
    }
    for name in action.condition_keys.iter() {
        let key = service.condition_key(name);
        let kind = key.map_or_else(String::new, |key| {
            let many = if key.multivalued { ", multivalued" } else { "" };
            format!(" ({}{many})", key.key_type.as_str())
        });
        text += &format!("  {name}{kind}\n");
    }
    if !action.dependent_actions.is_empty() {
        text += &format!("may also need: {}\n", action.dependent_actions.join(", "));
    }
    text += &catalog_line(catalog.info());
    text.push('\n');
    text
}

fn action_json(catalog: &Catalog, service: &Service, action: &Action) -> serde_json::Value {
    let keys: Vec<_> = action
        .condition_keys
        .iter()
        .map(|name| {
            let key = service.condition_key(name);
            json!({
                "name": &**name,
                "type": key.map(|key| key.key_type.as_str()),
                "multivalued": key.map(|key| key.multivalued),
            })
        })
        .collect();
    let rows: Vec<_> = action
        .resource_types
        .iter()
        .map(|row| {
            let arns = service.resource_type(&row.name);
            let arns: Vec<&str> = arns
                .iter()
                .flat_map(|it| it.arn_templates.iter())
                .map(|arn| &**arn)
                .collect();
            json!({
                "name": &*row.name,
                "required": row.required_known.then_some(row.required),
                "arns": arns,
                "condition_keys": row.condition_keys.iter().map(|key| &**key).collect::<Vec<_>>(),
                "evidence": row.evidence.as_deref(),
            })
        })
        .collect();
    json!({
        "service": service.prefix(),
        "service_name": service.name(),
        "name": &*action.name,
        "access_levels": action.access_levels.iter().map(|it| it.as_str()).collect::<Vec<_>>(),
        "permission_only": action.permission_only,
        "supports_rcp": catalog.supports_rcp(service.prefix()),
        "resource_types": rows,
        "condition_keys": keys,
        "dependent_actions": action.dependent_actions.iter().map(|it| &**it).collect::<Vec<_>>(),
        "catalog": { "date": catalog.info().date, "hash": catalog.info().hash },
    })
}
