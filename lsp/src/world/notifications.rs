//! Notifications of the client, in the order in which they come.

use std::time::Instant;

use pacto_core::fact::{Fact, Failure};
use pacto_core::{Change, Origin, Root};
use serde_json::Value;
use tower_lsp::gen_lsp_types::{
    ConfigurationItem, ConfigurationParams, ConfigurationRequest, CreateFilesParams,
    DeleteFilesParams, DidChangeConfigurationParams, DidChangeWorkspaceFoldersParams,
    DidCloseTextDocumentParams, DidSaveTextDocumentParams, FileChangeType, RenameFilesParams,
    SetTraceParams,
};

use super::{Phase, World};
use crate::client::{Awaited, ServerRequest};
use crate::documents::{Document, Edited, Place, place};
use crate::from_protocol::{DidChange, DidOpen, parameters};
use crate::settings::is_inside;
use crate::uri;

impl World {
    /// Applies a notification. Returns the exit code when it is `exit`.
    pub(super) fn notification(&mut self, message: &Value) -> Option<i32> {
        let method = message["method"].as_str().unwrap_or_default();
        if method == "exit" {
            return Some(i32::from(self.phase != Phase::ShutDown));
        }
        if self.phase != Phase::Running {
            return None;
        }
        let params = &message["params"];
        let result = match method {
            "initialized" => {
                self.start_watching();
                self.ask_configuration();
                Ok(())
            }
            "$/setTrace" => {
                parameters(params).map(|params: SetTraceParams| self.trace = params.value)
            }
            "textDocument/didOpen" => parameters(params).map(|params| self.did_open(params)),
            "textDocument/didChange" => parameters(params).and_then(|p| self.did_change(&p)),
            "textDocument/didSave" => parameters(params).map(|params| self.did_save(params)),
            "textDocument/didClose" => parameters(params).map(|params| self.did_close(&params)),
            "workspace/didChangeConfiguration" => {
                parameters(params).map(|params| self.did_change_configuration(&params))
            }
            "workspace/didChangeWatchedFiles" => {
                parameters(params).map(|params| self.did_change_watched_files(params))
            }
            "workspace/didCreateFiles" => parameters(params).map(|params: CreateFilesParams| {
                let each = params.files.into_iter().map(|file| file.uri);
                self.files_changed(each.map(|uri| (uri, FileChangeType::Created)));
            }),
            "workspace/didDeleteFiles" => parameters(params).map(|params: DeleteFilesParams| {
                let each = params.files.into_iter().map(|file| file.uri);
                self.files_changed(each.map(|uri| (uri, FileChangeType::Deleted)));
            }),
            "workspace/didRenameFiles" => parameters(params).map(|params: RenameFilesParams| {
                let each = params.files.into_iter().flat_map(|file| {
                    let gone = (file.old_uri, FileChangeType::Deleted);
                    [gone, (file.new_uri, FileChangeType::Created)]
                });
                self.files_changed(each);
            }),
            "workspace/didChangeWorkspaceFolders" => {
                parameters(params).map(|params| self.did_change_workspace_folders(params))
            }
            _ => Ok(()),
        };
        if let Err(why) = result {
            self.log.warning(&format!("{method}: {why}"));
        }
        None
    }

    fn did_open(&mut self, params: DidOpen) {
        let opened = params.text_document;
        let file = uri::key(&opened.uri);
        let uri = opened.uri;
        let known = place(&uri, &opened.language_id);
        let document = Document {
            uri: uri.clone(),
            version: opened.version,
            text: opened.text.into(),
            place: known.clone().unwrap_or(Place::Asked),
            is_dirty: true,
            edited: None,
        };
        if let Some(other) = self.documents.open(document) {
            self.log.info(&format!("{other} is open as {uri} as well; it is one document"));
            self.publisher.leave(&file, &other);
        }
        self.publisher.set_version(&file, Some(opened.version));
        match known {
            Some(Place::In(key, _)) => self.touch(&key.root),
            Some(_) => {}
            None => self.outside.place(file),
        }
    }

    fn did_change(&mut self, params: &DidChange) -> Result<(), String> {
        let uri = &params.text_document.uri;
        let encoding = self.capabilities.encoding;
        let document = self.documents.get_mut(uri).ok_or(format!("{uri} is not open"))?;
        let mut lines = None;
        for change in &params.content_changes {
            lines = document.text.apply(change, encoding);
        }
        document.edited = lines.map(|lines| Edited { at: Instant::now(), lines });
        document.version = params.text_document.version.unwrap_or(document.version + 1);
        document.is_dirty = true;
        let version = document.version;
        if let Place::In(key, path) = &document.place
            && *path == *key.path
        {
            self.looks.edited(key);
        }
        self.publisher.set_version(&uri::key(uri), Some(version));
        Ok(())
    }

    fn did_save(&mut self, params: DidSaveTextDocumentParams) {
        let uri = params.text_document.uri.0;
        let Some(document) = self.documents.get_mut(&uri) else { return };
        if let Some(text) = params.text
            && text != document.text.text()
        {
            self.log.warning(&format!(
                "{uri}: saved text of {} bytes differs from ours of {}; taking it",
                text.len(),
                document.text.text().len()
            ));
            document.text = text.into();
            document.is_dirty = true;
        }
        let Some(key) = document.contract().cloned() else { return };
        // Who saves wants to know: registries that did not answer are asked again.
        if self.engine.forget_registry_failures() {
            self.outside.forget_failures();
            self.looks.again();
        }
        self.recheck(&key);
        self.touch(&key.root);
        self.ask_projects(vec![key.root].into_iter().filter(Root::is_folder).collect());
    }

    fn did_close(&mut self, params: &DidCloseTextDocumentParams) {
        let uri = &params.text_document.uri.0;
        let Some(document) = self.documents.close(uri) else { return };
        self.publisher.set_version(&uri::key(uri), None);
        self.set_open();
        let Place::In(key, path) = document.place else { return };
        if key.root.is_folder() {
            self.read_closed(&key.root, &path);
        } else {
            let text = Fact::Failed(Failure::NotFound);
            let root = key.root.clone();
            self.engine.apply(vec![Change::File { root, path, text, origin: Origin::Disk }]);
        }
        let is_open = self.documents.contracts().contains(&key);
        // A contract with another name than the usual one is there while it is open.
        let is_kept = self.is_in_workspace(&key.root) && key.is_usual();
        if !is_open && !is_kept {
            self.drop_contract(&key);
        } else if !is_open {
            // What is closed is not compared.
            self.comparisons.forget(&key);
            self.engine.set_baseline(&key, None);
        } else {
            self.make_again();
        }
    }

    fn did_change_configuration(&mut self, params: &DidChangeConfigurationParams) {
        if !params.settings.is_null() {
            std::sync::Arc::make_mut(&mut self.scopes).merge(&params.settings);
            self.settings_changed();
        }
        self.ask_configuration();
    }

    /// Asks the client for its settings, if it can be asked.
    pub(super) fn ask_configuration(&mut self) {
        if !self.capabilities.answers_configuration {
            return;
        }
        let section = || Some("pacto".to_owned());
        let general = ConfigurationItem { scope_uri: None, section: section() };
        let scoped = self.folders.iter().map(|folder| ConfigurationItem {
            scope_uri: Some(uri::of_path(folder).into()),
            section: section(),
        });
        let items = [general].into_iter().chain(scoped).collect();
        let request = ServerRequest::new::<ConfigurationRequest>(ConfigurationParams { items });
        let folders = self.folders.iter().cloned().collect();
        self.ask_client(ServerRequest {
            awaited: Some(Awaited::Configuration(folders)),
            ..request
        });
    }

    /// The client has answered a request of ours.
    pub(super) fn client_answered(&mut self, id: &Value, result: Option<Value>) {
        let awaited = id.as_str().and_then(|id| self.awaited.remove(id));
        let Some(Awaited::Configuration(folders)) = awaited else { return };
        let Some(Value::Array(answers)) = result else { return };
        let before = self.scopes.clone();
        let scopes = std::sync::Arc::make_mut(&mut self.scopes);
        let scoped = folders.iter().map(|folder| Some(folder.as_str()));
        for (folder, answer) in [None].into_iter().chain(scoped).zip(&answers) {
            scopes.answer(folder, answer);
        }
        if *before != *self.scopes {
            self.settings_changed();
        }
    }

    pub(super) fn settings_changed(&mut self) {
        if let Some(level) = self.scopes.general().log_level {
            self.log.set_level(level);
        }
        self.comparisons.reset();
        self.make_again();
    }

    fn did_change_workspace_folders(&mut self, params: DidChangeWorkspaceFoldersParams) {
        for folder in params.event.removed {
            self.remove_folder(&folder.uri.0);
        }
        for folder in params.event.added {
            self.add_folder(&folder.uri.0);
        }
        self.ask_configuration();
    }

    pub(super) fn add_folder(&mut self, uri: &str) {
        let Some(path) = uri::path_of(uri) else { return };
        let is_home = std::env::var("HOME").is_ok_and(|home| home == path);
        if path == "/" || is_home || !self.folders.insert(path.clone()) {
            return;
        }
        self.discover(path);
    }

    fn remove_folder(&mut self, uri: &str) {
        let Some(path) = uri::path_of(uri) else { return };
        self.folders.remove(&path);
        std::sync::Arc::make_mut(&mut self.scopes).forget_folder(&path);
        let open = self.documents.contracts();
        let inside = |root: &Root| root.folder().is_some_and(|folder| is_inside(folder, &path));
        let all = self.engine.contracts().filter(|key| inside(&key.root));
        let gone: Vec<_> = all
            .filter(|key| !open.contains(key) && !self.is_in_workspace(&key.root))
            .cloned()
            .collect();
        for key in &gone {
            self.drop_contract(key);
        }
    }
}
