//! Which module of a crate uses which, read from its sources.
//!
//! A name leads to the module that defines it: `use crate::check::Rule` is a use of `check::rule`,
//! since `check` only passes the name on. Passing on is no use, and neither is `mod`. Code of tests
//! is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemUse, Macro, Meta, UseTree, Visibility};

/// A module's path below the crate, empty for its root.
pub type Module = Vec<String>;

/// The modules of a crate.
pub struct Modules {
    files: BTreeMap<Module, File>,
}

/// What one file says.
struct File {
    /// Names that it brings in: what is passed on, and what is used.
    names: BTreeMap<String, Vec<String>>,
    passed_on: BTreeSet<String>,
    globs: Vec<Vec<String>>,
    /// Paths as written, in uses and in code.
    paths: BTreeSet<Vec<String>>,
    /// Single names in code that are called, or begin as types and constants do.
    words: BTreeSet<String>,
    /// How many inline modules are around what is being read.
    depth: usize,
}

impl Modules {
    /// Reads a crate whose root is `lib.rs` or `main.rs` in `src`.
    pub fn read(src: &Path) -> Modules {
        let mut files = BTreeMap::new();
        read_folder(src, &Vec::new(), &mut files);
        Modules { files }
    }

    /// Every pair of different modules of which the first uses the second.
    pub fn uses(&self) -> BTreeMap<&Module, BTreeSet<Module>> {
        let mut all = BTreeMap::new();
        for (module, file) in &self.files {
            let mut used = BTreeSet::new();
            for path in &file.paths {
                used.extend(self.definer(module, path, &mut BTreeSet::new()));
            }
            // What a module passes on it may use itself.
            for name in file.words.intersection(&file.passed_on) {
                used.extend(self.definer(module, &file.names[name], &mut BTreeSet::new()));
            }
            used.remove(module);
            all.insert(module, used);
        }
        all
    }

    /// Groups of modules that use each other, by way of others or at once.
    pub fn circles(&self) -> Vec<BTreeSet<String>> {
        let uses = self.uses();
        let reached: BTreeMap<&Module, BTreeSet<&Module>> =
            uses.keys().map(|&module| (module, reachable(&uses, module))).collect();
        let mut circles: BTreeSet<BTreeSet<String>> = BTreeSet::new();
        for (&module, others) in &reached {
            let back = others.iter().filter(|&&other| reached[other].contains(module));
            let circle: BTreeSet<String> = back.map(|module| shown(module)).collect();
            if circle.len() > 1 {
                circles.insert(circle);
            }
        }
        circles.into_iter().collect()
    }

    /// The module that defines what `path` names, seen from `module`; none if it is another crate's.
    fn definer(
        &self,
        module: &Module,
        path: &[String],
        seen: &mut BTreeSet<(Module, Vec<String>)>,
    ) -> Option<Module> {
        if !seen.insert((module.clone(), path.to_vec())) {
            return None;
        }
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => self.descend(&Vec::new(), rest, seen),
            "self" => self.descend(module, rest, seen),
            "super" => self.descend(&module[..module.len().saturating_sub(1)].to_vec(), rest, seen),
            name => {
                // `use json::json` starts at a crate or a child, not at what it brings in.
                let target = self.files[module].names.get(name);
                if let Some(target) = target.filter(|target| target[0] != name) {
                    let target: Vec<String> = target.iter().chain(rest).cloned().collect();
                    return self.definer(module, &target, seen);
                }
                let child = self.child(module, name)?;
                self.descend(&child, rest, seen)
            }
        }
    }

    /// Follows `path` down from `module`.
    fn descend(
        &self,
        module: &Module,
        path: &[String],
        seen: &mut BTreeSet<(Module, Vec<String>)>,
    ) -> Option<Module> {
        // A module as such: what is used of it, its paths say.
        let (name, rest) = path.split_first()?;
        if name == "super" || name == "self" {
            return self.definer(module, path, seen);
        }
        if let Some(child) = self.child(module, name) {
            if rest.is_empty() {
                return None;
            }
            return self.descend(&child, rest, seen);
        }
        let file = self.files.get(module)?;
        if let Some(target) = file.names.get(name) {
            let target: Vec<String> = target.iter().chain(rest).cloned().collect();
            return self.definer(module, &target, seen);
        }
        let by_glob = file.globs.iter().find_map(|glob| {
            let target: Vec<String> = glob.iter().chain(path).cloned().collect();
            self.definer(module, &target, seen)
        });
        by_glob.or_else(|| Some(module.clone()))
    }

    fn child(&self, module: &Module, name: &str) -> Option<Module> {
        let mut child = module.clone();
        child.push(name.to_owned());
        self.files.contains_key(&child).then_some(child)
    }
}

/// `check::rule`; the root is `crate`.
pub fn shown(module: &Module) -> String {
    if module.is_empty() { "crate".to_owned() } else { module.join("::") }
}

fn reachable<'m>(
    uses: &'m BTreeMap<&'m Module, BTreeSet<Module>>,
    from: &'m Module,
) -> BTreeSet<&'m Module> {
    let mut found = BTreeSet::new();
    let mut open = vec![from];
    while let Some(module) = open.pop() {
        for used in uses.get(module).into_iter().flatten() {
            if found.insert(used) {
                open.push(used);
            }
        }
    }
    found
}

fn read_folder(folder: &Path, module: &Module, files: &mut BTreeMap<Module, File>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        let stem = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let mut inside = module.clone();
        if path.is_dir() {
            inside.push(stem);
            read_folder(&path, &inside, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            if !matches!(stem.as_str(), "mod" | "lib" | "main") {
                inside.push(stem);
            }
            let text = std::fs::read_to_string(&path).expect("a file");
            let file = syn::parse_file(&text)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            if !is_of_tests(&file.attrs) {
                files.insert(inside, read_file(&file));
            }
        }
    }
}

fn read_file(syntax: &syn::File) -> File {
    let mut file = File {
        names: BTreeMap::new(),
        passed_on: BTreeSet::new(),
        globs: Vec::new(),
        paths: BTreeSet::new(),
        words: BTreeSet::new(),
        depth: 0,
    };
    file.visit_file(syntax);
    file
}

fn is_of_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) => {
            let tokens = list.tokens.to_string();
            let mut words = tokens.split(|c: char| !c.is_alphanumeric() && c != '_');
            list.path.is_ident("cfg") && !tokens.contains("not") && words.any(|w| w == "test")
        }
        Meta::Path(path) => path.is_ident("test"),
        Meta::NameValue(_) => false,
    })
}

impl File {
    fn name(&mut self, tree: &UseTree, mut path: Vec<String>, is_passed_on: bool) {
        match tree {
            UseTree::Path(inner) => {
                path.push(inner.ident.to_string());
                self.name(&inner.tree, path, is_passed_on);
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.name(tree, path.clone(), is_passed_on);
                }
            }
            UseTree::Glob(_) => {
                if !is_passed_on {
                    self.paths.insert(path.iter().cloned().chain(["*".to_owned()]).collect());
                }
                self.globs.push(path);
            }
            UseTree::Name(name) if name.ident == "self" => {
                let name = path.last().cloned().unwrap_or_default();
                self.bind(name, path, is_passed_on);
            }
            UseTree::Name(name) => {
                path.push(name.ident.to_string());
                self.bind(name.ident.to_string(), path, is_passed_on);
            }
            UseTree::Rename(rename) => {
                if rename.ident != "self" {
                    path.push(rename.ident.to_string());
                }
                self.bind(rename.rename.to_string(), path, is_passed_on);
            }
        }
    }

    fn bind(&mut self, name: String, path: Vec<String>, is_passed_on: bool) {
        // A name may stand for itself: `use serde;`.
        if path.len() > 1 {
            self.names.insert(name.clone(), path.clone());
        }
        if is_passed_on {
            if path.len() > 1 {
                self.passed_on.insert(name);
            }
        } else {
            self.paths.insert(path);
        }
    }

    /// Paths in what a macro is given.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        let mut is_module = false;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    is_module |= ident == "mod";
                    if colons != 2 {
                        self.end(&mut path);
                    }
                    path.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Group(group) => {
                    self.end(&mut path);
                    colons = 0;
                    let is_inline = is_module && group.delimiter() == Delimiter::Brace;
                    self.depth += usize::from(is_inline);
                    self.tokens(group.stream());
                    self.depth -= usize::from(is_inline);
                    is_module &= !is_inline;
                }
                _ => {
                    self.end(&mut path);
                    colons = 0;
                }
            }
        }
        self.end(&mut path);
    }

    fn end(&mut self, path: &mut Vec<String>) {
        // From within an inline module the first steps up lead no further than this file.
        let ups = path.iter().take_while(|name| *name == "super").count();
        if ups > 0 && self.depth > 0 {
            path.drain(..ups.min(self.depth));
            if ups <= self.depth {
                path.insert(0, "self".to_owned());
            }
        }
        match path.len() {
            0 => {}
            1 => {
                let names = path.drain(..).filter(|word| word.starts_with(char::is_uppercase));
                self.words.extend(names);
            }
            _ => drop(self.paths.insert(std::mem::take(path))),
        }
    }
}

impl Visit<'_> for File {
    fn visit_item(&mut self, item: &Item) {
        let attributes = match item {
            Item::Mod(item) => &item.attrs,
            Item::Fn(item) => &item.attrs,
            Item::Use(item) => &item.attrs,
            Item::Impl(item) => &item.attrs,
            _ => return visit::visit_item(self, item),
        };
        if !is_of_tests(attributes) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &syn::ItemMod) {
        self.depth += 1;
        visit::visit_item_mod(self, item);
        self.depth -= 1;
    }

    fn visit_item_use(&mut self, item: &ItemUse) {
        let is_passed_on = !matches!(item.vis, Visibility::Inherited);
        self.name(&item.tree, Vec::new(), is_passed_on);
    }

    fn visit_path(&mut self, path: &syn::Path) {
        let mut names: Vec<String> = path.segments.iter().map(|s| s.ident.to_string()).collect();
        self.end(&mut names);
        visit::visit_path(self, path);
    }

    fn visit_attribute(&mut self, attribute: &Attribute) {
        if let Meta::List(list) = &attribute.meta {
            self.tokens(list.tokens.clone());
        }
        visit::visit_attribute(self, attribute);
    }

    fn visit_expr_call(&mut self, call: &syn::ExprCall) {
        if let syn::Expr::Path(function) = &*call.func {
            self.words.extend(function.path.get_ident().map(ToString::to_string));
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_macro(&mut self, item: &Macro) {
        self.tokens(item.tokens.clone());
        visit::visit_macro(self, item);
    }
}
