//! scratch
use rolecall::analyze::*;
use rolecall::evaluate::*;
use rolecall::isolation::*;
use rolecall::policy::*;
use std::cell::RefCell;
use std::time::Instant;
struct T<'a>(Analysis<'a>, RefCell<Vec<(f64, String, &'static str)>>);
impl Oracle for T<'_> {
    fn find_allowed(&self, f: &[Document], a: &Access<'_>) -> Found {
        let t = Instant::now();
        let r = Analysis::find_allowed(&self.0, f, a);
        let s = format!(
            "{:?} {:?}",
            f[0].statements[0]
                .action
                .patterns
                .iter()
                .take(3)
                .map(|p| p.text.to_string())
                .collect::<Vec<_>>(),
            f[0].statements[0].resource.as_ref().map(|r| r
                .patterns
                .iter()
                .take(2)
                .map(|p| p.template.text().to_string())
                .collect::<Vec<_>>())
        );
        self.1.borrow_mut().push((
            t.elapsed().as_secs_f64() * 1e3,
            s,
            match r {
                Found::Nothing => "no",
                Found::Request(_) => "yes",
                Found::Unknown(_) => "unknown",
            },
        ));
        r
    }
    fn find_denied(&self, f: &[Document], a: &Access<'_>) -> Found {
        Analysis::find_denied(&self.0, f, a)
    }
}
#[test]
fn profile() {
    let dir = "/work/shared/data/vendor-policies";
    let mut sources = rolecall::source::Sources::new();
    let mut load = |n: &str, k: Kind| {
        let t = std::fs::read_to_string(format!("{dir}/{n}")).unwrap();
        let p = rolecall::json::parse(&t).unwrap();
        let mut d = lower(p.tree.root(), k);
        d.file = Some(sources.add(n, t.clone()));
        d
    };
    let id = load("k8s-prow-eks-apply.json", Kind::Identity);
    let b = load("k8s-prow-eks-resources-boundary.json", Kind::Boundary);
    let arns = vec![(
        id.file.unwrap(),
        "arn:aws:iam::111122223333:policy/eks-apply".to_string(),
    )];
    let policies = Policies {
        identity: vec![id],
        ..Policies::default()
    };
    let catalog = rolecall::catalog::Catalog::builtin();
    let o = T(
        Analysis {
            open_actions: false,
            ..Analysis::new(catalog)
        },
        RefCell::default(),
    );
    let principal = Principal::parse("arn:aws:iam::111122223333:role/eks-prow-apply").unwrap();
    let t0 = Instant::now();
    let _ = transition::Transitions::builtin();
    println!("toml {:?}", t0.elapsed());
    let t = Instant::now();
    let r = run(&Input {
        policies: &policies,
        trusts: &[],
        workload_boundaries: &[b],
        arns: &arns,
        principal: Some(&principal),
        path_prefixes: &[],
        tags: &[],
        principals: &[],
        must_not: &[],
        dedicated_account: false,
        catalog,
        oracle: &o,
        unread: false,
        accepts: None,
        remedies: false,
    });
    println!(
        "total {:?} questions {} escapes {}",
        t.elapsed(),
        r.questions,
        r.escapes.len()
    );
    let mut v = o.1.into_inner();
    println!(
        "engine {} ms in {}",
        v.iter().map(|x| x.0).sum::<f64>(),
        v.len()
    );
    for k in ["no", "yes", "unknown"] {
        println!(
            "{k} {} {}",
            v.iter().filter(|x| x.2 == k).count(),
            v.iter().filter(|x| x.2 == k).map(|x| x.0).sum::<f64>()
        );
    }
    v.sort_by(|a, b| b.0.total_cmp(&a.0));
    for x in v.iter().take(25) {
        println!("{:.1} {} {}", x.0, x.1, x.2);
    }
}
