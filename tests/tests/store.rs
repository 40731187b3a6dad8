//! What a process that lives long remembers of registries: for how long, how much, and for whom.

use std::sync::Arc;
use std::time::Duration;

use pacto_core::contract::OciReference;
use pacto_core::fact::{Fact, RegistryCode};
use pacto_edge::cache::Cache;
use pacto_edge::registry::{Client, Credential, Credentials, Options, credentials};
use pacto_edge::{Store, StoreOptions};
use pacto_tests::registry::{Guard, Proxy, Registry, User};
use tokio::runtime::Runtime;

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime")
}

fn store(options: StoreOptions, cache: Option<Cache>) -> Store {
    let client = Client::new(Options::default(), Credentials::default()).expect("a client");
    Store::new(client, cache, options, None)
}

/// The requests so far that have `part` in their line.
fn count(proxy: &Proxy, part: &str) -> usize {
    proxy.log().iter().filter(|line| line.contains(part)).count()
}

#[test]
fn answers_about_tags_hold_for_their_time() {
    let registry = Registry::start(Guard::Open);
    let proxy = Proxy::start(registry.port, Duration::ZERO);
    let user = User::new();
    let first = user.publish(&registry.host(), "pay", "1.0.0", &[]);
    let runtime = runtime();
    let reference = OciReference::parse(&format!("{}/acme/pay", proxy.host())).expect("valid");
    let pin = |store: &Store| runtime.block_on(store.pin(&reference)).expect("a version").digest;

    let short = Duration::from_millis(300);
    let store_of_server =
        store(StoreOptions { tags_live: Some(short), ..Default::default() }, None);
    let store_of_command = store(StoreOptions::default(), None);
    for store in [&store_of_server, &store_of_command] {
        assert_eq!(pin(store), Some(first.clone()));
        assert_eq!(pin(store), Some(first.clone()));
    }
    assert_eq!(count(&proxy, "tags/list"), 2, "each asks once: {:?}", proxy.log());
    let second = user.publish(&registry.host(), "pay", "1.1.0", &[]);
    std::thread::sleep(short);
    assert_eq!(pin(&store_of_server), Some(second), "it is asked for anew");
    assert_eq!(pin(&store_of_command), Some(first), "a command sees one state");
}

#[test]
fn bundles_in_memory_stay_within_their_bound() {
    let registry = Registry::start(Guard::Open);
    let proxy = Proxy::start(registry.port, Duration::ZERO);
    let user = User::new();
    let names = ["a", "b", "c"];
    let pinned = names.map(|name| {
        let digest = user.publish(&registry.host(), name, "1.0.0", &[]);
        let text = format!("{}/acme/{name}@{digest}", proxy.host());
        OciReference::parse(&text).expect("valid")
    });
    let runtime = runtime();
    let size = {
        let store = store(StoreOptions::default(), None);
        runtime.block_on(store.bundle(&pinned[0])).expect("a bundle").size()
    };
    // There is room for two of three.
    let store = store(StoreOptions { kept: size * 5 / 2, ..Default::default() }, None);
    let loads = |bundle: usize| {
        let before = count(&proxy, "/blobs/");
        runtime.block_on(store.bundle(&pinned[bundle])).expect("a bundle");
        count(&proxy, "/blobs/") - before
    };
    assert_eq!([0, 1, 0, 2].map(loads), [1, 1, 0, 1]);
    assert_eq!([0, 2].map(loads), [0, 0], "what was used last stays");
    assert_eq!(loads(1), 1, "what was used least lately went");
}

/// `me` may read; a stranger must not, though all that `me` has read is in memory and on disk.
#[test]
fn what_one_credential_may_see_is_not_answered_to_another() {
    let registry = Registry::start(Guard::Password);
    let host = registry.host();
    let user = User::new();
    user.run_with(&["login", &host, "-u", "me", "--password-stdin"], "secret").ends_with(0);
    let digest = user.publish(&host, "pay", "1.0.0", &[]);
    let tagless = OciReference::parse(&format!("{host}/acme/pay")).expect("valid");
    let tagged = tagless.with_tag(Some("1.0.0"));
    let pinned = OciReference { digest: Some(digest.clone()), ..tagless.clone() };

    let cache = Cache::open(&user.folder.path().join("cache")).expect("a cache");
    let options = StoreOptions { may_fall_back: true, ..Default::default() };
    let process = store(options, Some(cache));
    let as_user = |user: &str, password: &str| {
        let credential = Credential::Basic { user: user.into(), password: password.into() };
        let explicit = vec![(credential, "a secret".to_owned(), None)];
        process.for_credentials(credentials::Sources { explicit, ..Default::default() })
    };
    let (me, stranger) = (as_user("me", "secret"), as_user("me", "guess"));
    let runtime = runtime();
    let tags = |store: &Store| runtime.block_on(store.tags(&tagless));
    let digest_of = |store: &Store| runtime.block_on(store.digest(&tagged));
    let bundle = |store: &Store| runtime.block_on(store.bundle(&pinned));
    let refused = RegistryCode::AuthRequired;

    // The stranger asks first: a refusal is not answered to `me` either.
    assert_eq!(bundle(&stranger).map_err(|failure| failure.code), Err(refused));
    for _ in 0..2 {
        assert!(matches!(tags(&me), Fact::Ready(tags) if tags.len() == 1));
        assert_eq!(digest_of(&me), Fact::Ready(digest.clone()));
        assert!(bundle(&me).is_ok());
        for fact in [tags(&stranger).map(drop), digest_of(&stranger).map(drop)] {
            let Fact::Failed(failure) = fact else { panic!("{fact:?}") };
            assert_eq!(failure.registry_code(), Some(refused));
        }
        assert_eq!(bundle(&stranger).map_err(|failure| failure.code), Err(refused));
    }
    // The same credentials once more are the same user, who shares what was fetched.
    let again = bundle(&as_user("me", "secret")).expect("a bundle");
    assert!(Arc::ptr_eq(&again, &bundle(&me).expect("a bundle")));
    // With the registry gone, nothing that is remembered on disk is answered to a stranger.
    drop(registry);
    assert!(matches!(tags(&as_user("you", "guess")), Fact::Failed(_)));
}
