//! Software bills of materials: SPDX and CycloneDX (3-diff, "SBOM diff"). For information only.

use std::collections::BTreeMap;

use super::docs::{Level, Problem};
use super::side::WhichSide;
use crate::bundle::BundleView;
use crate::contract::Version;
use crate::fact::Fact;
use crate::place::{Anchor, FileRef};
use crate::spec::BundlePath;
use crate::text::Span;
use crate::value::{Data, Value};

/// A difference of packages.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SbomChange {
    pub package: String,
    /// `package` where it came or went; else `version`, `license` or `supplier`.
    pub field: &'static str,
    pub old: Option<String>,
    pub new: Option<String>,
    pub purl: Option<String>,
}

impl SbomChange {
    pub fn ty(&self) -> super::ChangeType {
        super::ChangeType::of(self.old.is_some(), self.new.is_some())
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct SbomDiff {
    pub old_format: Option<&'static str>,
    pub new_format: Option<&'static str>,
    pub changes: Vec<SbomChange>,
}

/// Whether a file of a bundle is a bill of materials.
pub fn is_sbom(path: &str) -> bool {
    let name = path.strip_prefix("sbom/").filter(|name| !name.contains('/'));
    name.is_some_and(|name| name.ends_with(".spdx.json") || name.ends_with(".cdx.json"))
}

#[derive(Clone, Debug, PartialEq)]
struct Package {
    name: String,
    version: String,
    license: String,
    supplier: String,
    purl: Option<String>,
}

/// Packages by identity, and the format of the files.
type Packages = (BTreeMap<String, Vec<Package>>, Option<&'static str>);

pub fn compare(
    old: &dyn BundleView,
    new: &dyn BundleView,
) -> (SbomDiff, Vec<(WhichSide, Problem)>) {
    let mut problems = Vec::new();
    let (was, old_format) = read(old, WhichSide::Old, &mut problems);
    let (is, new_format) = read(new, WhichSide::New, &mut problems);
    let mut changes = Vec::new();
    if problems.is_empty() {
        let mut keys: Vec<&String> = was.keys().chain(is.keys()).collect();
        keys.sort();
        keys.dedup();
        for key in keys {
            let list =
                |map: &BTreeMap<String, Vec<Package>>| map.get(key).cloned().unwrap_or_default();
            identity(list(&was), list(&is), &mut changes);
        }
        changes.sort();
    }
    (SbomDiff { old_format, new_format, changes }, problems)
}

fn read(
    bundle: &dyn BundleView,
    side: WhichSide,
    problems: &mut Vec<(WhichSide, Problem)>,
) -> Packages {
    let mut packages: BTreeMap<String, Vec<Package>> = BTreeMap::new();
    let mut format = None;
    let Fact::Ready(files) = bundle.files() else { return (packages, format) };
    for name in files.iter().filter(|name| is_sbom(name)) {
        let Ok(path) = BundlePath::parse(name) else { continue };
        let Fact::Ready(document) = bundle.document(&path) else { continue };
        let is_broken = document.syntax.first().map(|error| error.span);
        let is_object = matches!(document.value.data, Data::Map(_));
        if is_broken.is_some() || !is_object {
            let span = is_broken.unwrap_or(Span::default());
            problems.push((
                side,
                Problem {
                    code: "SBOM_UNPARSABLE",
                    level: Level::Warning,
                    message: format!("{path}: not an SPDX or CycloneDX document in JSON"),
                    at: Some(Anchor::bytes(FileRef::Bundle(path.to_string()), span)),
                },
            ));
            continue;
        }
        let is_spdx = name.ends_with(".spdx.json");
        format = Some(if is_spdx { "spdx" } else { "cyclonedx" });
        let found = if is_spdx { spdx(&document.value) } else { cyclonedx(&document.value) };
        for (key, package) in found {
            let list = packages.entry(key).or_default();
            if !list.contains(&package) {
                list.push(package);
            }
        }
    }
    (packages, format)
}

fn text(value: &Value, key: &str) -> String {
    let text = value.get(key).and_then(Value::as_str).unwrap_or("");
    if matches!(text, "NOASSERTION" | "NONE") { String::new() } else { text.to_owned() }
}

/// A package URL without version and qualifiers.
fn bare(purl: &str) -> String {
    let purl = purl.split(['?', '#']).next().unwrap_or(purl);
    match purl.rfind('@') {
        Some(at) if at > purl.rfind('/').unwrap_or(0) => purl[..at].to_owned(),
        _ => purl.to_owned(),
    }
}

fn spdx(document: &Value) -> Vec<(String, Package)> {
    let packages = document.get("packages").map_or(&[][..], Value::items);
    let one = |package: &Value| {
        let references = package.get("externalRefs").map_or(&[][..], Value::items);
        let purl = references
            .iter()
            .find(|r| text(r, "referenceType") == "purl")
            .map(|r| text(r, "referenceLocator"));
        let concluded = text(package, "licenseConcluded");
        let license =
            if concluded.is_empty() { text(package, "licenseDeclared") } else { concluded };
        let supplier = text(package, "supplier");
        let supplier = ["Organization: ", "Person: "]
            .iter()
            .find_map(|prefix| supplier.strip_prefix(prefix))
            .unwrap_or(&supplier)
            .to_owned();
        let name = text(package, "name");
        let key = purl.as_deref().map_or_else(|| name.clone(), bare);
        (key, Package { name, version: text(package, "versionInfo"), license, supplier, purl })
    };
    packages.iter().map(one).collect()
}

fn cyclonedx(document: &Value) -> Vec<(String, Package)> {
    let mut found = Vec::new();
    let mut queue: Vec<&Value> =
        document.get("components").map_or(&[][..], Value::items).iter().collect();
    while let Some(component) = queue.pop() {
        queue.extend(component.get("components").map_or(&[][..], Value::items));
        let purl = Some(text(component, "purl")).filter(|purl| !purl.is_empty());
        let (group, own) = (text(component, "group"), text(component, "name"));
        let name = if group.is_empty() { own } else { format!("{group}/{own}") };
        let mut licenses: Vec<String> = component
            .get("licenses")
            .map_or(&[][..], Value::items)
            .iter()
            .map(|entry| {
                let license = entry.get("license");
                let of = |key: &str| license.map(|l| text(l, key)).filter(|t| !t.is_empty());
                of("id").or_else(|| of("name")).unwrap_or_else(|| text(entry, "expression"))
            })
            .filter(|license| !license.is_empty())
            .collect();
        licenses.sort();
        let supplier = component.get("supplier").map_or(String::new(), |s| text(s, "name"));
        let key = purl.as_deref().map_or_else(|| name.clone(), bare);
        let package = Package {
            name,
            version: text(component, "version"),
            license: licenses.join(" AND "),
            supplier,
            purl,
        };
        found.push((key, package));
    }
    found
}

/// The packages of one identity: equal versions first, then in the order of versions.
fn identity(mut old: Vec<Package>, mut new: Vec<Package>, changes: &mut Vec<SbomChange>) {
    let mut pairs = Vec::new();
    let mut i = 0;
    while i < old.len() {
        match new.iter().position(|b| b.version == old[i].version) {
            Some(at) => pairs.push((old.remove(i), new.remove(at))),
            None => i += 1,
        }
    }
    for list in [&mut old, &mut new] {
        list.sort_by(|a, b| match (Version::parse(&a.version), Version::parse(&b.version)) {
            (Ok(x), Ok(y)) => x.normal.cmp_precedence(&y.normal),
            _ => a.version.cmp(&b.version),
        });
    }
    let common = old.len().min(new.len());
    pairs.extend(old.drain(..common).zip(new.drain(..common)));
    for (a, b) in pairs {
        for (field, was, is) in [
            ("version", &a.version, &b.version),
            ("license", &a.license, &b.license),
            ("supplier", &a.supplier, &b.supplier),
        ] {
            if was != is {
                changes.push(SbomChange {
                    package: b.name.clone(),
                    field,
                    old: Some(was.clone()),
                    new: Some(is.clone()),
                    purl: b.purl.as_deref().map(bare),
                });
            }
        }
    }
    let whole = |package: &Package| {
        (package.name.clone(), package.version.clone(), package.purl.as_deref().map(bare))
    };
    for package in &old {
        let (package, version, purl) = whole(package);
        changes.push(SbomChange { package, field: "package", old: Some(version), new: None, purl });
    }
    for package in &new {
        let (package, version, purl) = whole(package);
        changes.push(SbomChange { package, field: "package", old: None, new: Some(version), purl });
    }
}
