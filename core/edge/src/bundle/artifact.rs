//! Bundle ↔ OCI artifact: one image manifest, one config blob, one layer (5-oci, "The artifact").

use std::collections::BTreeMap;

use pacto_core::fact::{RegistryCode, RegistryFailure};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::archive::{gzip, tar};
use super::{Bundle, Limits, human_bytes, sha256};

pub const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
pub const INDEX_TYPE: &str = "application/vnd.oci.image.index.v1+json";
pub const DOCKER_MANIFEST_TYPE: &str = "application/vnd.docker.distribution.manifest.v2+json";
pub const DOCKER_LIST_TYPE: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
pub const ARTIFACT_TYPE: &str = "application/vnd.pacto.bundle.v1";
pub const CONFIG_TYPE: &str = "application/vnd.pacto.bundle.config.v1+json";
pub const IMAGE_CONFIG_TYPE: &str = "application/vnd.docker.container.image.v1+json";
pub const LAYER_TYPE: &str = "application/vnd.pacto.bundle.layer.v1.tar+gzip";

/// The annotation with the digest of the uncompressed tar: what "same content" means everywhere.
pub const CONTENT_DIGEST: &str = "io.pacto.contentDigest";

/// What is stored of a blob (OCI image specification 1.1, "Descriptors").
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    pub media_type: String,
    pub digest: String,
    pub size: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
}

/// An image manifest (OCI image specification 1.1, "Image Manifest").
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    pub schema_version: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
    pub config: Descriptor,
    pub layers: Vec<Descriptor>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

/// An image index.
#[derive(Debug, Deserialize)]
pub struct Index {
    pub manifests: Vec<Descriptor>,
}

/// Who a bundle is, as its contract says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub name: String,
    pub version: String,
    pub pacto_version: String,
}

/// How the artifact is laid out.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    pub annotations: BTreeMap<String, String>,
    /// With the config type of a container image, for registries that refuse others.
    pub is_image_compatible: bool,
}

/// A bundle as it is stored in a registry; every digest is known before the network is touched.
#[derive(Clone, Debug)]
pub struct Artifact {
    pub manifest: Vec<u8>,
    pub digest: String,
    pub config: Vec<u8>,
    pub config_digest: String,
    pub layer: Vec<u8>,
    pub layer_digest: String,
    /// The digest of the uncompressed tar.
    pub content_digest: String,
    pub files: usize,
}

impl Artifact {
    /// Packs a bundle: equal bundles and layouts come to equal bytes, on any machine.
    ///
    /// # Errors
    /// `TOO_LARGE` when the layer exceeds its limit.
    pub fn new(
        bundle: &Bundle,
        identity: &Identity,
        layout: &Layout,
        limits: &Limits,
    ) -> Result<Artifact, RegistryFailure> {
        let tar = tar(bundle);
        let content_digest = sha256(&tar);
        let layer = gzip(&tar);
        if layer.len() as u64 > limits.layer {
            let (found, limit) = (human_bytes(layer.len() as u64), human_bytes(limits.layer));
            let message = format!("{}: the layer is {found}, limit {limit}", identity.name);
            return Err(RegistryFailure::new(RegistryCode::TooLarge, message)
                .hint("leave files out with .pactoignore; `limits.layer` in the user configuration raises the limit"));
        }
        let config = config(identity, &content_digest, bundle.files.len(), layout);
        let layer_digest = sha256(&layer);
        let config_digest = sha256(&config);
        let descriptor = |media_type: &str, digest: &str, bytes: &[u8]| Descriptor {
            media_type: media_type.to_owned(),
            digest: digest.to_owned(),
            size: bytes.len() as u64,
            artifact_type: None,
        };
        let config_type = if layout.is_image_compatible { IMAGE_CONFIG_TYPE } else { CONFIG_TYPE };
        let manifest = Manifest {
            schema_version: 2,
            media_type: Some(MANIFEST_TYPE.to_owned()),
            artifact_type: (!layout.is_image_compatible).then(|| ARTIFACT_TYPE.to_owned()),
            config: descriptor(config_type, &config_digest, &config),
            layers: vec![descriptor(LAYER_TYPE, &layer_digest, &layer)],
            annotations: annotations(identity, &content_digest, layout),
        };
        let manifest = serde_json::to_vec(&manifest).unwrap_or_default();
        Ok(Artifact {
            digest: sha256(&manifest),
            manifest,
            config,
            config_digest,
            layer,
            layer_digest,
            content_digest,
            files: bundle.files.len(),
        })
    }
}

fn config(identity: &Identity, content: &str, files: usize, layout: &Layout) -> Vec<u8> {
    let labels = json!({
        "io.pacto.name": identity.name,
        "io.pacto.pactoVersion": identity.pacto_version,
        "io.pacto.version": identity.version,
    });
    let rootfs = json!({"type": "layers", "diff_ids": [content]});
    let body = if layout.is_image_compatible {
        let never = "0001-01-01T00:00:00Z";
        json!({
            "architecture": "", "created": never, "history": [{"created": never}], "os": "",
            "rootfs": rootfs, "config": {"Labels": labels},
        })
    } else {
        json!({
            "name": identity.name, "version": identity.version,
            "pactoVersion": identity.pacto_version, "contentDigest": content, "files": files,
            "rootfs": rootfs, "config": {"Labels": labels},
        })
    };
    body.to_string().into_bytes()
}

fn annotations(identity: &Identity, content: &str, layout: &Layout) -> BTreeMap<String, String> {
    let mut all = layout.annotations.clone();
    if layout.is_image_compatible {
        return all;
    }
    for (key, value) in [
        ("io.pacto.name", &identity.name),
        ("io.pacto.version", &identity.version),
        ("io.pacto.pactoVersion", &identity.pacto_version),
        ("org.opencontainers.image.title", &identity.name),
        ("org.opencontainers.image.version", &identity.version),
    ] {
        all.insert(key.to_owned(), value.clone());
    }
    all.insert(CONTENT_DIGEST.to_owned(), content.to_owned());
    all
}

/// The one layer of a bundle's manifest.
///
/// # Errors
/// `WRONG_ARTIFACT`, naming what it is instead.
pub fn bundle_layer<'m>(
    manifest: &'m Manifest,
    reference: &str,
) -> Result<&'m Descriptor, RegistryFailure> {
    let [layer] = &manifest.layers[..] else {
        return Err(wrong_artifact(reference, foreign_kind(manifest).unwrap_or("container image")));
    };
    if layer.media_type == LAYER_TYPE {
        return Ok(layer);
    }
    match foreign_kind(manifest) {
        Some(kind) => Err(wrong_artifact(reference, kind)),
        None if is_archive(&layer.media_type) => Ok(layer),
        None => Err(wrong_artifact(reference, "foreign artifact")),
    }
}

/// Whether a layer of another type than ours may be tried.
fn is_archive(media_type: &str) -> bool {
    matches!(
        media_type,
        "application/vnd.oci.image.layer.v1.tar"
            | "application/vnd.oci.image.layer.v1.tar+gzip"
            | "application/vnd.oci.image.layer.v1.tar+zstd"
            | "application/vnd.docker.image.rootfs.diff.tar.gzip"
            | "application/vnd.docker.image.rootfs.diff.tar"
    )
}

fn foreign_kind(manifest: &Manifest) -> Option<&'static str> {
    let config = manifest.config.media_type.as_str();
    let artifact = manifest.artifact_type.as_deref().unwrap_or("");
    if config.starts_with("application/vnd.cncf.helm.config") {
        Some("Helm chart")
    } else if artifact.contains("cosign")
        || config.contains("cosign")
        || artifact.contains("notary")
        || config.contains("notary")
        || manifest.layers.iter().any(|layer| layer.media_type.contains("cosign.simplesigning"))
    {
        Some("signature")
    } else if artifact.contains("spdx")
        || artifact.contains("cyclonedx")
        || artifact.contains("in-toto")
    {
        Some("attestation")
    } else {
        None
    }
}

pub fn wrong_artifact(reference: &str, kind: &str) -> RegistryFailure {
    let article = if kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    RegistryFailure::new(
        RegistryCode::WrongArtifact,
        format!("{reference} is {article} {kind}, not a Pacto bundle"),
    )
}
