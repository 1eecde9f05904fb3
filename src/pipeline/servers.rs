//! `[[server]]`: what a gateway puts before the paths of which server, and the entries that are about none.

use crate::{
    contract::{Contract, Server, nearest, same_bin},
    discover::{Package, TargetKind, Workspace},
    evaluate::effect::Registration,
    link::{DefId, Program},
    rules::Misplaced,
};

/// For each server that was found, the entry that places it.
pub(super) fn entries(
    contract: &Contract,
    program: &Program,
    workspace: &Workspace,
    servers: &[Option<DefId>],
) -> Vec<Option<usize>> {
    let entry = |root: &Option<DefId>| {
        let krate = program.krate(program.def((*root)?).krate);
        let package = workspace.packages.get(krate.package)?;
        let mut bins = package.targets.iter().filter(|target| target.kind == TargetKind::Bin);
        let bin = bins.find(|target| target.root == krate.root_file);
        contract.server_of(&package.name, bin.map(|target| target.name.as_str()))
    };
    servers.iter().map(entry).collect()
}

/// Registrations with what stands before the paths of their servers.
pub(super) fn mounted(
    mut registrations: Vec<Registration>,
    contract: &Contract,
    entries: &[Option<usize>],
) -> Vec<Registration> {
    for one in &mut registrations {
        let entry = entries.get(one.server as usize).copied().flatten();
        let server = entry.and_then(|entry| contract.servers.get(entry));
        if let (Some(path), Some(server)) = (&mut one.path, server) {
            path.insert_str(0, &server.prefix.value);
        }
    }
    registrations
}

/// The entries that place no server: their routes stand at other paths than the contract says, if there are any.
pub(super) fn misplaced(
    contract: &Contract,
    packages: &[Package],
    entries: &[Option<usize>],
) -> Vec<Misplaced> {
    let servers = contract.servers.iter().enumerate();
    let idle = servers.filter(|(at, _)| !entries.contains(&Some(*at)));
    idle.map(|(_, server)| misplaced_by(server, packages)).collect()
}

/// What is wrong with an entry that places no server.
fn misplaced_by(server: &Server, packages: &[Package]) -> Misplaced {
    let name = &server.package.value;
    let instead = |given: &str, known: &[&str]| {
        let near = nearest(given, known);
        near.map_or_else(|| "correct it, or remove it".to_owned(), |near| format!("write `{near}`"))
    };
    let Some(package) = packages.iter().find(|package| package.name == *name) else {
        let names: Vec<&str> = packages.iter().map(|package| package.name.as_str()).collect();
        return Misplaced {
            span: server.package.span,
            message: format!("no package of the tree is called `{name}`"),
            help: instead(name, &names),
        };
    };
    let bins = package.targets.iter().filter(|target| target.kind == TargetKind::Bin);
    let bins: Vec<&str> = bins.map(|target| target.name.as_str()).collect();
    if let Some(bin) = &server.bin
        && !bins.iter().any(|one| same_bin(one, &bin.value))
    {
        return Misplaced {
            span: bin.span,
            message: format!("the package `{name}` has no binary `{}`", bin.value),
            help: instead(&bin.value, &bins),
        };
    }
    let of = server.bin.as_ref().map_or_else(
        || format!("the package `{name}`"),
        |bin| format!("the binary `{}` of `{name}`", bin.value),
    );
    Misplaced {
        span: server.span,
        message: format!("{of} serves no route that `{}` could be put before", server.prefix.value),
        help: "correct it, or remove it".to_owned(),
    }
}
