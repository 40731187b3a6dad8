//! The rules of OpenAPI documents above their schemas (3-diff, Table O).
//!
//! Examples stand below `paths: /a: get:`, unless they start with a key of the document.

use crate::diff::rule::classes::{B, BN, BPN, N, P, PB, PN};
use crate::diff::rule::{Classes, Domain, Mark, Meaning::Always, Rule};

const fn rule(
    name: &'static str,
    classes: Classes,
    reason: &'static str,
    old: &'static str,
    new: &'static str,
) -> Rule {
    Rule::new(Domain::OpenApi, name, Always(classes), reason, [old, new])
}

/// A rule whose exchanged example fires, too.
const fn symmetric(
    name: &'static str,
    classes: Classes,
    reason: &'static str,
    old: &'static str,
    new: &'static str,
) -> Rule {
    rule(name, classes, reason, old, new)
        .unless([OK, "{responses: {'200': {description: ok}}, tags: []}"])
}

const OK: &str = "{responses: {'200': {description: ok}}}";
const OLD: &str = "{deprecated: true, responses: {}}";

table! { OPENAPI:
    PATH_ADDED = rule("path-added", N, "a path was added", "{paths: {}}", "{paths: {/a: {get: {}}}}").marked(&[Mark::Feature]);
    PATH_REMOVED = rule("path-removed", B, "a path was removed", "{paths: {/a: {get: {}}}}", "{paths: {}}").marked(&[Mark::OperationRemoval]);
    PATH_REMOVED_DEPRECATED = rule(
        "path-removed-deprecated",
        P,
        "a deprecated path was removed",
        "{paths: {/a: {get: {deprecated: true}}}}",
        "{paths: {}}",
    ).marked(&[Mark::OperationRemoval]);
    PATH_REMOVED_BEFORE_SUNSET = rule(
        "path-removed-before-sunset",
        B,
        "a path was removed before its sunset",
        "{paths: {/a: {get: {deprecated: true, x-sunset: '2999-01-01'}}}}",
        "{paths: {}}",
    ).marked(&[Mark::OperationRemoval, Mark::Sunset]);
    PATH_REMOVED_AFTER_SUNSET = rule(
        "path-removed-after-sunset",
        N,
        "a path was removed after its sunset",
        "{paths: {/a: {get: {deprecated: true, x-sunset: '2001-01-01'}}}}",
        "{paths: {}}",
    ).marked(&[Mark::OperationRemoval, Mark::Sunset]);
    METHOD_ADDED = rule(
        "method-added",
        N,
        "a method was added",
        "{paths: {/a: {get: {}}}}",
        "{paths: {/a: {get: {}, put: {}}}}",
    ).marked(&[Mark::Feature]);
    METHOD_REMOVED = rule(
        "method-removed",
        B,
        "a method was removed",
        "{paths: {/a: {get: {}, put: {}}}}",
        "{paths: {/a: {get: {}}}}",
    ).marked(&[Mark::OperationRemoval]);
    METHOD_REMOVED_DEPRECATED = rule(
        "method-removed-deprecated",
        P,
        "a deprecated method was removed",
        "{paths: {/a: {get: {}, put: {deprecated: true}}}}",
        "{paths: {/a: {get: {}}}}",
    ).marked(&[Mark::OperationRemoval]);
    METHOD_REMOVED_BEFORE_SUNSET = rule(
        "method-removed-before-sunset",
        B,
        "a method was removed before its sunset",
        "{paths: {/a: {get: {}, put: {deprecated: true, x-sunset: '2999-01-01'}}}}",
        "{paths: {/a: {get: {}}}}",
    ).marked(&[Mark::OperationRemoval, Mark::Sunset]);
    METHOD_REMOVED_AFTER_SUNSET = rule(
        "method-removed-after-sunset",
        N,
        "a method was removed after its sunset",
        "{paths: {/a: {get: {}, put: {deprecated: true, x-sunset: '2001-01-01'}}}}",
        "{paths: {/a: {get: {}}}}",
    ).marked(&[Mark::OperationRemoval, Mark::Sunset]);
    PATH_PARAM_RENAMED = symmetric(
        "path-param-renamed",
        N,
        "only names of parameters in the path changed",
        "{paths: {'/a/{x}': {get: {parameters: [{name: x, in: path, required: true, schema: {}}]}}}}",
        "{paths: {'/a/{y}': {get: {parameters: [{name: y, in: path, required: true, schema: {}}]}}}}",
    );
    PATH_RELOCATED = symmetric(
        "path-relocated",
        N,
        "the path is the same together with its server",
        "{servers: [{url: /}], paths: {/v1/a: {get: {}}}}",
        "{servers: [{url: /v1}], paths: {/a: {get: {}}}}",
    );
    OPERATION_ID_ADDED = rule("operation-id-added", N, "the operation has an id now", "{}", "{operationId: a}");
    OPERATION_ID_CHANGED = symmetric(
        "operation-id-changed",
        P,
        "generated clients name the operation by its id",
        "{operationId: a}",
        "{operationId: b}",
    );
    OPERATION_ID_REMOVED = rule(
        "operation-id-removed",
        P,
        "generated clients name the operation by its id",
        "{operationId: a}",
        "{}",
    );
    DEPRECATED = rule("deprecated", N, "it is deprecated now", OK, OLD);
    UNDEPRECATED = rule("undeprecated", N, "it is no longer deprecated", OLD, OK);
    SUNSET_ADDED = rule(
        "sunset-added",
        N,
        "a sunset is announced",
        "{deprecated: true}",
        "{deprecated: true, x-sunset: '2999-01-01'}",
    ).marked(&[Mark::Sunset]);
    SUNSET_LATER = rule(
        "sunset-later",
        N,
        "the sunset comes later",
        "{deprecated: true, x-sunset: '2998-01-01'}",
        "{deprecated: true, x-sunset: '2999-01-01'}",
    ).marked(&[Mark::Sunset]);
    SUNSET_EARLIER = rule(
        "sunset-earlier",
        B,
        "the sunset comes earlier than announced",
        "{deprecated: true, x-sunset: '2999-01-01'}",
        "{deprecated: true, x-sunset: '2998-01-01'}",
    ).marked(&[Mark::Sunset]);
    SUNSET_REMOVED = rule(
        "sunset-removed",
        PN,
        "a sunset is no longer announced",
        "{deprecated: true, x-sunset: '2999-01-01'}",
        "{deprecated: true}",
    ).marked(&[Mark::Sunset]);
    SUNSET_INVALID = rule(
        "sunset-invalid",
        P,
        "the sunset is not a date",
        "{deprecated: true}",
        "{deprecated: true, x-sunset: soon}",
    ).marked(&[Mark::Sunset]);
    SUNSET_MISSING = rule(
        "sunset-missing",
        B,
        "a deprecation without the sunset that is required",
        "{}",
        "{deprecated: true}",
    ).marked(&[Mark::Sunset]);
    SUNSET_TOO_SOON = rule(
        "sunset-too-soon",
        B,
        "the sunset comes sooner than required",
        "{}",
        "{deprecated: true, x-sunset: '2001-01-01'}",
    ).marked(&[Mark::Sunset]);
    STABILITY_INCREASED = rule(
        "stability-increased",
        N,
        "it is more stable",
        "{x-stability-level: alpha}",
        "{x-stability-level: beta}",
    );
    STABILITY_DECREASED = rule(
        "stability-decreased",
        B,
        "it is less stable",
        "{x-stability-level: beta}",
        "{x-stability-level: alpha}",
    );
    STABILITY_INVALID = symmetric(
        "stability-invalid",
        PN,
        "the stability is none of draft, alpha, beta, stable, or was none",
        "{x-stability-level: beta}",
        "{x-stability-level: solid}",
    );
    TAG_CHANGED = symmetric("tag-changed", N, "only the grouping changed", "{tags: [a]}", "{tags: [b]}");
    ANNOTATION_CHANGED = symmetric(
        "annotation-changed",
        N,
        "only what readers see changed",
        "{summary: a}",
        "{summary: b}",
    );
    PARAMETER_ADDED_REQUIRED = rule(
        "parameter-added-required",
        B,
        "a required parameter was added",
        "{}",
        "{parameters: [{name: q, in: query, required: true, schema: {}}]}",
    );
    PARAMETER_ADDED_OPTIONAL = rule(
        "parameter-added-optional",
        N,
        "an optional parameter was added",
        "{}",
        "{parameters: [{name: q, in: query, schema: {}}]}",
    );
    PARAMETER_REMOVED = rule(
        "parameter-removed",
        B,
        "a parameter was removed",
        "{parameters: [{name: q, in: query, schema: {}}]}",
        "{}",
    );
    PARAMETER_REMOVED_DEPRECATED = rule(
        "parameter-removed-deprecated",
        P,
        "a deprecated parameter was removed",
        "{parameters: [{name: q, in: query, deprecated: true, schema: {}}]}",
        "{}",
    );
    PARAMETER_REMOVED_BEFORE_SUNSET = rule(
        "parameter-removed-before-sunset",
        B,
        "a parameter was removed before its sunset",
        "{parameters: [{name: q, in: query, deprecated: true, x-sunset: '2999-01-01', schema: {}}]}",
        "{}",
    ).marked(&[Mark::Sunset]);
    PARAMETER_REMOVED_AFTER_SUNSET = rule(
        "parameter-removed-after-sunset",
        N,
        "a parameter was removed after its sunset",
        "{parameters: [{name: q, in: query, deprecated: true, x-sunset: '2001-01-01', schema: {}}]}",
        "{}",
    ).marked(&[Mark::Sunset]);
    PARAMETER_BECAME_REQUIRED = rule(
        "parameter-became-required",
        B,
        "the parameter is required now",
        "{parameters: [{name: q, in: query, schema: {}}]}",
        "{parameters: [{name: q, in: query, required: true, schema: {}}]}",
    );
    PARAMETER_BECAME_OPTIONAL = rule(
        "parameter-became-optional",
        N,
        "the parameter is no longer required",
        "{parameters: [{name: q, in: query, required: true, schema: {}}]}",
        "{parameters: [{name: q, in: query, schema: {}}]}",
    );
    PARAMETER_SERIALIZATION_CHANGED = symmetric(
        "parameter-serialization-changed",
        BN,
        "the parameter is written in another way",
        "{parameters: [{name: q, in: query, schema: {type: array}}]}",
        "{parameters: [{name: q, in: query, explode: false, schema: {type: array}}]}",
    );
    PARAMETER_RESERVED_DISALLOWED = rule(
        "parameter-reserved-disallowed",
        P,
        "reserved characters must be encoded",
        "{parameters: [{name: q, in: query, allowReserved: true, schema: {}}]}",
        "{parameters: [{name: q, in: query, schema: {}}]}",
    );
    PARAMETER_RESERVED_ALLOWED = rule(
        "parameter-reserved-allowed",
        N,
        "reserved characters need not be encoded",
        "{parameters: [{name: q, in: query, schema: {}}]}",
        "{parameters: [{name: q, in: query, allowReserved: true, schema: {}}]}",
    );
    PARAMETER_EMPTY_DISALLOWED = rule(
        "parameter-empty-disallowed",
        P,
        "the parameter must have a value",
        "{parameters: [{name: q, in: query, allowEmptyValue: true, schema: {}}]}",
        "{parameters: [{name: q, in: query, schema: {}}]}",
    );
    PARAMETER_EMPTY_ALLOWED = rule(
        "parameter-empty-allowed",
        N,
        "the parameter may be empty",
        "{parameters: [{name: q, in: query, schema: {}}]}",
        "{parameters: [{name: q, in: query, allowEmptyValue: true, schema: {}}]}",
    );
    REQUEST_BODY_ADDED_REQUIRED = rule(
        "request-body-added-required",
        B,
        "a body is required",
        "{}",
        "{requestBody: {required: true, content: {}}}",
    );
    REQUEST_BODY_ADDED_OPTIONAL = rule(
        "request-body-added-optional",
        N,
        "a body is admitted",
        "{}",
        "{requestBody: {content: {}}}",
    );
    REQUEST_BODY_REMOVED = rule(
        "request-body-removed",
        P,
        "the body is no longer read",
        "{requestBody: {content: {}}}",
        "{}",
    );
    REQUEST_BODY_BECAME_REQUIRED = rule(
        "request-body-became-required",
        B,
        "the body is required now",
        "{requestBody: {content: {}}}",
        "{requestBody: {required: true, content: {}}}",
    );
    REQUEST_BODY_BECAME_OPTIONAL = rule(
        "request-body-became-optional",
        N,
        "the body is no longer required",
        "{requestBody: {required: true, content: {}}}",
        "{requestBody: {content: {}}}",
    );
    REQUEST_MEDIA_TYPE_ADDED = rule(
        "request-media-type-added",
        N,
        "one more media type is read",
        "{requestBody: {content: {a/b: {}}}}",
        "{requestBody: {content: {a/b: {}, a/c: {}}}}",
    );
    REQUEST_MEDIA_TYPE_REMOVED = rule(
        "request-media-type-removed",
        B,
        "a media type is no longer read",
        "{requestBody: {content: {a/b: {}, a/c: {}}}}",
        "{requestBody: {content: {a/b: {}}}}",
    );
    REQUEST_MEDIA_TYPE_GENERALIZED = rule(
        "request-media-type-generalized",
        N,
        "a range of media types is read",
        "{requestBody: {content: {a/b: {}}}}",
        "{requestBody: {content: {a/*: {}}}}",
    );
    REQUEST_MEDIA_TYPE_SPECIALIZED = rule(
        "request-media-type-specialized",
        B,
        "only one media type of a range is read",
        "{requestBody: {content: {a/*: {}}}}",
        "{requestBody: {content: {a/b: {}}}}",
    );
    RESPONSE_MEDIA_TYPE_ADDED = rule(
        "response-media-type-added",
        N,
        "one more media type is written",
        "{responses: {'200': {content: {a/b: {}}}}}",
        "{responses: {'200': {content: {a/b: {}, a/c: {}}}}}",
    );
    RESPONSE_MEDIA_TYPE_REMOVED = rule(
        "response-media-type-removed",
        B,
        "a media type is no longer written",
        "{responses: {'200': {content: {a/b: {}, a/c: {}}}}}",
        "{responses: {'200': {content: {a/b: {}}}}}",
    );
    RESPONSE_MEDIA_TYPE_GENERALIZED = rule(
        "response-media-type-generalized",
        B,
        "any media type of a range may be written",
        "{responses: {'200': {content: {a/b: {}}}}}",
        "{responses: {'200': {content: {a/*: {}}}}}",
    );
    RESPONSE_MEDIA_TYPE_SPECIALIZED = rule(
        "response-media-type-specialized",
        N,
        "one media type of a range is written",
        "{responses: {'200': {content: {a/*: {}}}}}",
        "{responses: {'200': {content: {a/b: {}}}}}",
    );
    ENCODING_CHANGED = symmetric(
        "encoding-changed",
        P,
        "a part of a form is written in another way",
        "{requestBody: {content: {a/b: {encoding: {p: {contentType: a/c}}}}}}",
        "{requestBody: {content: {a/b: {encoding: {p: {contentType: a/d}}}}}}",
    );
    SUCCESS_RESPONSE_ADDED = rule(
        "success-response-added",
        N,
        "one more response is documented",
        OK,
        "{responses: {'200': {description: ok}, '201': {description: ok}}}",
    );
    ERROR_RESPONSE_ADDED = rule(
        "error-response-added",
        N,
        "one more error is documented",
        OK,
        "{responses: {'200': {description: ok}, '404': {description: no}}}",
    );
    SUCCESS_RESPONSE_REMOVED = rule(
        "success-response-removed",
        B,
        "a response is no longer given",
        "{responses: {'200': {description: ok}, '201': {description: ok}}}",
        OK,
    );
    ERROR_RESPONSE_REMOVED = rule(
        "error-response-removed",
        B,
        "an error is no longer given",
        "{responses: {'200': {description: ok}, '404': {description: no}}}",
        OK,
    );
    HEADER_ADDED = rule(
        "header-added",
        N,
        "one more header is written",
        OK,
        "{responses: {'200': {description: ok, headers: {etag: {schema: {}}}}}}",
    );
    HEADER_REMOVED_REQUIRED = rule(
        "header-removed-required",
        B,
        "a header is no longer written",
        "{responses: {'200': {description: ok, headers: {etag: {required: true, schema: {}}}}}}",
        OK,
    );
    HEADER_REMOVED_OPTIONAL = rule(
        "header-removed-optional",
        P,
        "a header is no longer written",
        "{responses: {'200': {description: ok, headers: {etag: {schema: {}}}}}}",
        OK,
    );
    HEADER_BECAME_REQUIRED = rule(
        "header-became-required",
        N,
        "a header is always written",
        "{responses: {'200': {description: ok, headers: {etag: {schema: {}}}}}}",
        "{responses: {'200': {description: ok, headers: {etag: {required: true, schema: {}}}}}}",
    );
    HEADER_BECAME_OPTIONAL = rule(
        "header-became-optional",
        B,
        "a header may be missing",
        "{responses: {'200': {description: ok, headers: {etag: {required: true, schema: {}}}}}}",
        "{responses: {'200': {description: ok, headers: {etag: {schema: {}}}}}}",
    );
    LINK_ADDED = rule(
        "link-added",
        N,
        "one more link is documented",
        OK,
        "{responses: {'200': {description: ok, links: {l: {operationId: a}}}}}",
    );
    LINK_REMOVED = rule(
        "link-removed",
        P,
        "a link is no longer given",
        "{responses: {'200': {description: ok, links: {l: {operationId: a}}}}}",
        OK,
    );
    LINK_CHANGED = symmetric(
        "link-changed",
        P,
        "a link leads elsewhere",
        "{responses: {'200': {description: ok, links: {l: {operationId: a}}}}}",
        "{responses: {'200': {description: ok, links: {l: {operationId: b}}}}}",
    );
    CALLBACK_ADDED = rule(
        "callback-added",
        N,
        "one more callback is made",
        "{}",
        "{callbacks: {cb: {'{$url}': {post: {}}}}}",
    );
    CALLBACK_REMOVED = rule(
        "callback-removed",
        B,
        "a callback is no longer made",
        "{callbacks: {cb: {'{$url}': {post: {}}}}}",
        "{}",
    );
    CALLBACK_EXPRESSION_CHANGED = symmetric(
        "callback-expression-changed",
        B,
        "the callback goes to another place",
        "{callbacks: {cb: {'{$url}': {post: {}}}}}",
        "{callbacks: {cb: {'{$other}': {post: {}}}}}",
    );
    WEBHOOK_ADDED = rule(
        "webhook-added",
        N,
        "one more webhook is called",
        "{openapi: 3.1.0, paths: {}}",
        "{openapi: 3.1.0, paths: {}, webhooks: {w: {post: {}}}}",
    );
    WEBHOOK_REMOVED = rule(
        "webhook-removed",
        B,
        "a webhook is no longer called",
        "{openapi: 3.1.0, paths: {}, webhooks: {w: {post: {}}}}",
        "{openapi: 3.1.0, paths: {}}",
    );
    SECURITY_ADDED = rule("security-added", B, "callers must authenticate", "{}", "{security: [{key: []}]}");
    SECURITY_ALTERNATIVE_LOST = rule(
        "security-alternative-lost",
        B,
        "a way to authenticate is gone",
        "{security: [{a: []}, {b: []}]}",
        "{security: [{a: []}]}",
    );
    SECURITY_SCOPE_ADDED = rule(
        "security-scope-added",
        B,
        "one more scope is required",
        "{security: [{oauth: [read]}]}",
        "{security: [{oauth: [read, write]}]}",
    );
    SECURITY_SCOPE_REMOVED = rule(
        "security-scope-removed",
        N,
        "a scope is no longer required",
        "{security: [{oauth: [read, write]}]}",
        "{security: [{oauth: [read]}]}",
    );
    SECURITY_ALTERNATIVE_ADDED = rule(
        "security-alternative-added",
        N,
        "there is one more way to authenticate",
        "{security: [{a: []}]}",
        "{security: [{a: []}, {b: []}]}",
    );
    SECURITY_REMOVED = rule(
        "security-removed",
        N,
        "callers no longer need to authenticate",
        "{security: [{a: []}]}",
        "{}",
    );
    SECURITY_SCHEME_TYPE_CHANGED = symmetric(
        "security-scheme-type-changed",
        B,
        "the kind of authentication changed",
        "{paths: {}, components: {securitySchemes: {s: {type: http, scheme: basic}}}}",
        "{paths: {}, components: {securitySchemes: {s: {type: apiKey, in: header, name: k}}}}",
    );
    SECURITY_SCHEME_LOCATION_CHANGED = symmetric(
        "security-scheme-location-changed",
        B,
        "the key is expected in another place",
        "{paths: {}, components: {securitySchemes: {s: {type: apiKey, in: header, name: k}}}}",
        "{paths: {}, components: {securitySchemes: {s: {type: apiKey, in: query, name: k}}}}",
    );
    SECURITY_SCHEME_HTTP_SCHEME_CHANGED = symmetric(
        "security-scheme-http-scheme-changed",
        B,
        "the HTTP scheme changed",
        "{paths: {}, components: {securitySchemes: {s: {type: http, scheme: basic}}}}",
        "{paths: {}, components: {securitySchemes: {s: {type: http, scheme: bearer}}}}",
    );
    OAUTH_FLOW_REMOVED = rule(
        "oauth-flow-removed",
        B,
        "a flow of OAuth is gone",
        "{paths: {}, components: {securitySchemes: {s: {type: oauth2, flows: {implicit: {authorizationUrl: /a, scopes: {}}}}}}}",
        "{paths: {}, components: {securitySchemes: {s: {type: oauth2, flows: {}}}}}",
    );
    OAUTH_URL_CHANGED = symmetric(
        "oauth-url-changed",
        P,
        "tokens are given elsewhere",
        "{paths: {}, components: {securitySchemes: {s: {type: oauth2, flows: {implicit: {authorizationUrl: /a}}}}}}",
        "{paths: {}, components: {securitySchemes: {s: {type: oauth2, flows: {implicit: {authorizationUrl: /b}}}}}}",
    );
    BEARER_FORMAT_CHANGED = symmetric(
        "bearer-format-changed",
        P,
        "tokens have another form",
        "{paths: {}, components: {securitySchemes: {s: {type: http, scheme: bearer, bearerFormat: JWT}}}}",
        "{paths: {}, components: {securitySchemes: {s: {type: http, scheme: bearer, bearerFormat: opaque}}}}",
    );
    OAUTH_SCOPE_REMOVED = rule(
        "oauth-scope-removed",
        PB,
        "a scope is no longer known",
        "{paths: {}, components: {securitySchemes: {s: {type: oauth2, flows: {implicit: {scopes: {read: r}}}}}}}",
        "{paths: {}, components: {securitySchemes: {s: {type: oauth2, flows: {implicit: {scopes: {}}}}}}}",
    );
    SECURITY_SCHEME_ADDED = rule(
        "security-scheme-added",
        N,
        "one more kind of authentication is known",
        "{paths: {}}",
        "{paths: {}, components: {securitySchemes: {s: {type: http, scheme: basic}}}}",
    );
    SECURITY_SCHEME_REMOVED = rule(
        "security-scheme-removed",
        N,
        "a kind of authentication that nothing uses is gone",
        "{paths: {}, components: {securitySchemes: {s: {type: http, scheme: basic}}}}",
        "{paths: {}}",
    );
    OAUTH_FLOW_ADDED = rule(
        "oauth-flow-added",
        N,
        "there is one more flow of OAuth",
        "{paths: {}, components: {securitySchemes: {s: {type: oauth2, flows: {}}}}}",
        "{paths: {}, components: {securitySchemes: {s: {type: oauth2, flows: {implicit: {authorizationUrl: /a}}}}}}",
    );
    OAUTH_SCOPE_ADDED = rule(
        "oauth-scope-added",
        N,
        "one more scope is known",
        "{paths: {}, components: {securitySchemes: {s: {type: oauth2, flows: {implicit: {scopes: {}}}}}}}",
        "{paths: {}, components: {securitySchemes: {s: {type: oauth2, flows: {implicit: {scopes: {read: r}}}}}}}",
    );
    SERVER_ADDED = rule(
        "server-added",
        N,
        "there is one more server",
        "{servers: [{url: 'https://a'}], paths: {}}",
        "{servers: [{url: 'https://a'}, {url: 'https://b'}], paths: {}}",
    );
    SERVER_REMOVED = rule(
        "server-removed",
        P,
        "a server is gone",
        "{servers: [{url: 'https://a'}, {url: 'https://b'}], paths: {}}",
        "{servers: [{url: 'https://a'}], paths: {}}",
    );
    SERVER_CHANGED = symmetric(
        "server-changed",
        P,
        "the server changed",
        "{servers: [{url: 'https://a'}], paths: {}}",
        "{servers: [{url: 'https://b'}], paths: {}}",
    );
    SERVER_BASE_PATH_CHANGED = symmetric(
        "server-base-path-changed",
        B,
        "every server has another base path",
        "{servers: [{url: 'https://a/v1'}], paths: {/a: {get: {}}}}",
        "{servers: [{url: 'https://a/v2'}], paths: {/a: {get: {}}}}",
    );
    SERVER_VARIABLE_ENUM_REMOVED = rule(
        "server-variable-enum-removed",
        P,
        "a value of a server's variable is gone",
        "{servers: [{url: 'https://{r}', variables: {r: {default: a, enum: [a, b]}}}], paths: {}}",
        "{servers: [{url: 'https://{r}', variables: {r: {default: a, enum: [a]}}}], paths: {}}",
    );
    SERVER_VARIABLE_ENUM_INTRODUCED = rule(
        "server-variable-enum-introduced",
        P,
        "a server's variable has listed values only",
        "{servers: [{url: 'https://{r}', variables: {r: {default: a}}}], paths: {}}",
        "{servers: [{url: 'https://{r}', variables: {r: {default: a, enum: [a, b]}}}], paths: {}}",
    );
    SERVER_VARIABLE_ENUM_DROPPED = rule(
        "server-variable-enum-dropped",
        N,
        "a server's variable may have any value",
        "{servers: [{url: 'https://{r}', variables: {r: {default: a, enum: [a, b]}}}], paths: {}}",
        "{servers: [{url: 'https://{r}', variables: {r: {default: a}}}], paths: {}}",
    );
    SERVER_VARIABLE_DEFAULT_CHANGED = symmetric(
        "server-variable-default-changed",
        P,
        "a server's variable has another default",
        "{servers: [{url: 'https://{r}', variables: {r: {default: a}}}], paths: {}}",
        "{servers: [{url: 'https://{r}', variables: {r: {default: b}}}], paths: {}}",
    );
    COMPONENT_ADDED = rule(
        "component-added",
        N,
        "a definition that nothing uses was added",
        "{paths: {}}",
        "{paths: {}, components: {schemas: {A: {}}}}",
    );
    COMPONENT_REMOVED = rule(
        "component-removed",
        N,
        "a definition that nothing uses was removed",
        "{paths: {}, components: {schemas: {A: {}}}}",
        "{paths: {}}",
    );
    INFO_CHANGED = symmetric(
        "info-changed",
        N,
        "only what readers see changed",
        "{info: {title: a}, paths: {}}",
        "{info: {title: b}, paths: {}}",
    );
    DIALECT_CHANGED = symmetric(
        "dialect-changed",
        N,
        "the document is written for another version of OpenAPI",
        "{openapi: 3.0.3, paths: {}}",
        "{openapi: 3.1.0, paths: {}}",
    );
    JSON_SCHEMA_DIALECT_CHANGED = symmetric(
        "json-schema-dialect-changed",
        P,
        "schemas are read in another dialect",
        "{openapi: 3.1.0, jsonSchemaDialect: 'https://a', paths: {}}",
        "{openapi: 3.1.0, jsonSchemaDialect: 'https://b', paths: {}}",
    );
    PARAMETER_MODIFIED = symmetric(
        "parameter-modified",
        BPN,
        "the sum of what changed below",
        "{parameters: [{name: q, in: query, schema: {type: string}}]}",
        "{parameters: [{name: q, in: query, schema: {type: integer}}]}",
    ).marked(&[Mark::Rollup]);
    REQUEST_BODY_MODIFIED = symmetric(
        "request-body-modified",
        BPN,
        "the sum of what changed below",
        "{requestBody: {content: {a/b: {schema: {type: string}}}}}",
        "{requestBody: {content: {a/b: {schema: {type: integer}}}}}",
    ).marked(&[Mark::Rollup]);
    RESPONSE_MODIFIED = symmetric(
        "response-modified",
        BPN,
        "the sum of what changed below",
        "{responses: {'200': {content: {a/b: {schema: {type: string}}}}}}",
        "{responses: {'200': {content: {a/b: {schema: {type: integer}}}}}}",
    ).marked(&[Mark::Rollup]);
}
