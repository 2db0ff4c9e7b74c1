//! `rolecall bootstrap apply` and `destroy` against a server that speaks AWS's protocol: undisturbed,
//! disturbed at every call, killed at every call, and beside what is not theirs.
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "tests that start another program where there is one, and say where there is none"
)]

#[path = "aws/client.rs"]
mod client;
#[path = "aws/server.rs"]
mod double;
#[path = "aws_bootstrap/scene.rs"]
mod scene;

use double::Double;
use scene::{Model, Scene, inventory, keys};

#[test]
fn what_is_planned_is_made_once_and_removed_again() {
    let Some(double) = Double::start() else {
        return;
    };
    for model in Model::ALL {
        let before = inventory(&double);
        let mut scene = Scene::new(&double, model);
        scene.plan();
        let applied = scene.apply();
        assert_eq!(applied.code, Some(0), "{}{}", applied.out, applied.errors);
        eprintln!("{}{}", applied.out, applied.errors);
        let made = inventory(&double);
        assert_eq!(keys(&double).len(), usize::from(model == Model::Mengi));
        double.forget_calls();
        let again = scene.apply();
        assert_eq!(again.code, Some(0), "{}{}", again.out, again.errors);
        assert!(!again.out.contains("made   "), "{}", again.out);
        let writes = ["Create", "Attach", "Put", "Delete", "Detach", "Tag"];
        let calls = double.actions();
        let is_write = |it: &&String| writes.iter().any(|word| it.contains(&format!(":{word}")));
        assert_eq!(calls.iter().find(is_write), None);
        assert_eq!(inventory(&double), made);
        let removed = scene.destroy();
        assert_eq!(removed.code, Some(0), "{}{}", removed.out, removed.errors);
        eprintln!("{}{}", removed.out, removed.errors);
        assert_eq!(inventory(&double), before, "{}", removed.out);
    }
}
