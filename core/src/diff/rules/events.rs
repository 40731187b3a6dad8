//! The rules of AsyncAPI documents above their schemas (3-diff, "Event interfaces").
//!
//! Examples follow `asyncapi: 3.0.0`, unless they start with `asyncapi`.

use crate::diff::rule::Meaning::{Always, BySide};
use crate::diff::rule::classes::{B, BN, N, NONE, P};
use crate::diff::rule::{Classes, Domain, Mark, Rule};

const fn rule(
    name: &'static str,
    classes: Classes,
    reason: &'static str,
    old: &'static str,
    new: &'static str,
) -> Rule {
    Rule::new(Domain::AsyncApi, name, Always(classes), reason, [old, new])
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
        .unless(["{channels: {}}", "{channels: {}, operations: {}}"])
}

table! { EVENTS:
    CHANNEL_ADDED = rule(
        "channel-added",
        N,
        "a channel was added",
        "{channels: {}}",
        "{channels: {c: {address: a}}}",
    ).marked(&[Mark::Feature]);
    CHANNEL_REMOVED = rule(
        "channel-removed",
        B,
        "a channel was removed",
        "{channels: {c: {address: a}}}",
        "{channels: {}}",
    );
    CHANNEL_ADDRESS_CHANGED = symmetric(
        "channel-address-changed",
        B,
        "the channel is found elsewhere",
        "{channels: {c: {address: a}}}",
        "{channels: {c: {address: b}}}",
    );
    CHANNEL_PARAMETER_ADDED = rule(
        "channel-parameter-added",
        B,
        "the address has one more parameter",
        "{channels: {c: {address: a}}}",
        "{channels: {c: {address: a, parameters: {p: {}}}}}",
    );
    CHANNEL_PARAMETER_REMOVED = rule(
        "channel-parameter-removed",
        B,
        "the address has a parameter less",
        "{channels: {c: {address: a, parameters: {p: {}}}}}",
        "{channels: {c: {address: a}}}",
    );
    CHANNEL_PARAMETER_LOCATION_CHANGED = symmetric(
        "channel-parameter-location-changed",
        B,
        "the parameter is found elsewhere",
        "{channels: {c: {address: a, parameters: {p: {location: '$message.payload#/x'}}}}}",
        "{channels: {c: {address: a, parameters: {p: {location: '$message.payload#/y'}}}}}",
    );
    CHANNEL_SERVER_ADDED = rule(
        "channel-server-added",
        N,
        "the channel is on one more server",
        "{channels: {c: {address: a, servers: [{$ref: '#/servers/x'}]}}, servers: {x: {}, y: {}}}",
        "{channels: {c: {address: a, servers: [{$ref: '#/servers/x'}, {$ref: '#/servers/y'}]}}, servers: {x: {}, y: {}}}",
    );
    CHANNEL_SERVER_REMOVED = rule(
        "channel-server-removed",
        B,
        "the channel is gone from a server",
        "{channels: {c: {address: a, servers: [{$ref: '#/servers/x'}, {$ref: '#/servers/y'}]}}, servers: {x: {}, y: {}}}",
        "{channels: {c: {address: a, servers: [{$ref: '#/servers/x'}]}}, servers: {x: {}, y: {}}}",
    );
    OPERATION_ADDED = rule(
        "operation-added",
        N,
        "an operation was added",
        "{channels: {c: {address: a}}}",
        "{channels: {c: {address: a}}, operations: {o: {action: send, channel: {$ref: '#/channels/c'}}}}",
    ).marked(&[Mark::Feature]);
    OPERATION_REMOVED = rule(
        "operation-removed",
        B,
        "an operation was removed",
        "{channels: {c: {address: a}}, operations: {o: {action: send, channel: {$ref: '#/channels/c'}}}}",
        "{channels: {c: {address: a}}}",
    );
    OPERATION_ACTION_CHANGED = symmetric(
        "operation-action-changed",
        B,
        "the operation goes the other way",
        "{channels: {c: {address: a}}, operations: {o: {action: send, channel: {$ref: '#/channels/c'}}}}",
        "{channels: {c: {address: a}}, operations: {o: {action: receive, channel: {$ref: '#/channels/c'}}}}",
    );
    OPERATION_CHANNEL_CHANGED = symmetric(
        "operation-channel-changed",
        B,
        "the operation uses another channel",
        "{channels: {c: {address: a}, d: {address: b}}, operations: {o: {action: send, channel: {$ref: '#/channels/c'}}}}",
        "{channels: {c: {address: a}, d: {address: b}}, operations: {o: {action: send, channel: {$ref: '#/channels/d'}}}}",
    );
    OPERATION_ID_CHANGED = symmetric(
        "operation-id-changed",
        P,
        "generated code names the operation by its id",
        "{asyncapi: 2.6.0, channels: {a: {publish: {operationId: x}}}}",
        "{asyncapi: 2.6.0, channels: {a: {publish: {operationId: y}}}}",
    );
    OPERATION_ID_REMOVED = rule(
        "operation-id-removed",
        P,
        "generated code names the operation by its id",
        "{asyncapi: 2.6.0, channels: {a: {publish: {operationId: x}}}}",
        "{asyncapi: 2.6.0, channels: {a: {publish: {}}}}",
    );
    MESSAGE_NAME_CHANGED = symmetric(
        "message-name-changed",
        P,
        "generated code names the message",
        "{channels: {c: {address: a, messages: {m: {name: x}}}}}",
        "{channels: {c: {address: a, messages: {m: {name: y}}}}}",
    );
    MESSAGE_ADDED = Rule::new(
        Domain::AsyncApi,
        "message-added",
        BySide { input: N, output: P, config: NONE },
        "readers meet a message that they do not know",
        [
            "{channels: {c: {address: a, messages: {m: {}, k: {}}}}}",
            "{channels: {c: {address: a, messages: {m: {}, k: {}, n: {}}}}}",
        ],
    );
    MESSAGE_REMOVED = rule(
        "message-removed",
        B,
        "a message was removed",
        "{channels: {c: {address: a, messages: {m: {}, k: {}, n: {}}}}}",
        "{channels: {c: {address: a, messages: {m: {}, k: {}}}}}",
    );
    CONTENT_TYPE_CHANGED = symmetric(
        "content-type-changed",
        B,
        "the message is written in another way",
        "{channels: {c: {address: a, messages: {m: {contentType: a/b}}}}}",
        "{channels: {c: {address: a, messages: {m: {contentType: a/c}}}}}",
    );
    DEFAULT_CONTENT_TYPE_CHANGED = symmetric(
        "default-content-type-changed",
        BN,
        "messages are written in another way",
        "{defaultContentType: a/b, channels: {}}",
        "{defaultContentType: a/c, channels: {}}",
    );
    SCHEMA_FORMAT_CHANGED = symmetric(
        "schema-format-changed",
        B,
        "the payload is described in another way",
        "{channels: {c: {address: a, messages: {m: {payload: {schemaFormat: application/vnd.apache.avro;version=1.9.0, schema: {type: string}}}}}}}",
        "{channels: {c: {address: a, messages: {m: {payload: {schemaFormat: application/vnd.oai.openapi;version=3.0.0, schema: {type: string}}}}}}}",
    );
    PAYLOAD_CHANGED = symmetric(
        "payload-changed",
        P,
        "a payload in a format that is not compared changed",
        "{channels: {c: {address: a, messages: {m: {payload: {schemaFormat: application/vnd.apache.avro;version=1.9.0, schema: {type: string}}}}}}}",
        "{channels: {c: {address: a, messages: {m: {payload: {schemaFormat: application/vnd.apache.avro;version=1.9.0, schema: {type: int}}}}}}}",
    );
    CORRELATION_ID_ADDED = rule(
        "correlation-id-added",
        N,
        "messages can be told to belong together",
        "{channels: {c: {address: a, messages: {m: {}}}}}",
        "{channels: {c: {address: a, messages: {m: {correlationId: {location: x}}}}}}",
    );
    CORRELATION_ID_REMOVED = rule(
        "correlation-id-removed",
        P,
        "messages can no longer be correlated",
        "{channels: {c: {address: a, messages: {m: {correlationId: {location: x}}}}}}",
        "{channels: {c: {address: a, messages: {m: {}}}}}",
    );
    CORRELATION_ID_LOCATION_CHANGED = symmetric(
        "correlation-id-location-changed",
        B,
        "what tells that messages belong together is elsewhere",
        "{channels: {c: {address: a, messages: {m: {correlationId: {location: x}}}}}}",
        "{channels: {c: {address: a, messages: {m: {correlationId: {location: y}}}}}}",
    );
    REPLY_ADDED = rule(
        "reply-added",
        P,
        "the operation has a reply now",
        "{channels: {c: {address: a}}, operations: {o: {action: send, channel: {$ref: '#/channels/c'}}}}",
        "{channels: {c: {address: a}}, operations: {o: {action: send, channel: {$ref: '#/channels/c'}, reply: {}}}}",
    );
    REPLY_REMOVED = rule(
        "reply-removed",
        B,
        "the operation no longer has a reply",
        "{channels: {c: {address: a}}, operations: {o: {action: send, channel: {$ref: '#/channels/c'}, reply: {}}}}",
        "{channels: {c: {address: a}}, operations: {o: {action: send, channel: {$ref: '#/channels/c'}}}}",
    );
    REPLY_ADDRESS_CHANGED = symmetric(
        "reply-address-changed",
        B,
        "the reply goes elsewhere",
        "{channels: {c: {address: a}}, operations: {o: {action: send, channel: {$ref: '#/channels/c'}, reply: {address: {location: x}}}}}",
        "{channels: {c: {address: a}}, operations: {o: {action: send, channel: {$ref: '#/channels/c'}, reply: {address: {location: y}}}}}",
    );
    SERVER_ADDED = rule(
        "server-added",
        N,
        "a server was added",
        "{channels: {}}",
        "{channels: {}, servers: {s: {host: h}}}",
    );
    SERVER_REMOVED = rule(
        "server-removed",
        B,
        "a server was removed",
        "{channels: {}, servers: {s: {host: h}}}",
        "{channels: {}}",
    );
    SERVER_CHANGED = symmetric(
        "server-changed",
        P,
        "the server is found elsewhere",
        "{channels: {}, servers: {s: {host: h}}}",
        "{channels: {}, servers: {s: {host: i}}}",
    );
    SERVER_PROTOCOL_CHANGED = symmetric(
        "server-protocol-changed",
        B,
        "the server speaks another protocol",
        "{channels: {}, servers: {s: {protocol: kafka}}}",
        "{channels: {}, servers: {s: {protocol: amqp}}}",
    );
    SERVER_PROTOCOL_VERSION_CHANGED = symmetric(
        "server-protocol-version-changed",
        P,
        "the server speaks another version of its protocol",
        "{channels: {}, servers: {s: {protocolVersion: '1'}}}",
        "{channels: {}, servers: {s: {protocolVersion: '2'}}}",
    );
    SERVER_VARIABLE_ENUM_REMOVED = rule(
        "server-variable-enum-removed",
        P,
        "a value of a server's variable is gone",
        "{channels: {}, servers: {s: {variables: {v: {enum: [a, b]}}}}}",
        "{channels: {}, servers: {s: {variables: {v: {enum: [a]}}}}}",
    );
    SERVER_VARIABLE_ENUM_INTRODUCED = rule(
        "server-variable-enum-introduced",
        P,
        "a server's variable has listed values only",
        "{channels: {}, servers: {s: {variables: {v: {default: a}}}}}",
        "{channels: {}, servers: {s: {variables: {v: {default: a, enum: [a, b]}}}}}",
    );
    SERVER_VARIABLE_ENUM_DROPPED = rule(
        "server-variable-enum-dropped",
        N,
        "a server's variable may have any value",
        "{channels: {}, servers: {s: {variables: {v: {default: a, enum: [a, b]}}}}}",
        "{channels: {}, servers: {s: {variables: {v: {default: a}}}}}",
    );
    SERVER_VARIABLE_DEFAULT_CHANGED = symmetric(
        "server-variable-default-changed",
        P,
        "a server's variable has another default",
        "{channels: {}, servers: {s: {variables: {v: {default: a}}}}}",
        "{channels: {}, servers: {s: {variables: {v: {default: b}}}}}",
    );
    SECURITY_ADDED = rule(
        "security-added",
        B,
        "clients must authenticate",
        "{channels: {}, servers: {s: {}}}",
        "{channels: {}, servers: {s: {security: [{type: plain}]}}}",
    );
    SECURITY_ALTERNATIVE_LOST = rule(
        "security-alternative-lost",
        B,
        "a way to authenticate is gone",
        "{channels: {}, servers: {s: {security: [{type: plain}, {type: X509}]}}}",
        "{channels: {}, servers: {s: {security: [{type: plain}]}}}",
    );
    SECURITY_LOOSENED = rule(
        "security-loosened",
        N,
        "there are more ways to authenticate, or none is needed",
        "{channels: {}, servers: {s: {security: [{type: plain}]}}}",
        "{channels: {}, servers: {s: {security: [{type: plain}, {type: X509}]}}}",
    );
    BINDING_KEY_CHANGED = symmetric(
        "binding-key-changed",
        B,
        "messages go through another topic, queue or key",
        "{channels: {c: {address: a, bindings: {kafka: {topic: x}}}}}",
        "{channels: {c: {address: a, bindings: {kafka: {topic: y}}}}}",
    );
    BINDING_CHANGED = symmetric(
        "binding-changed",
        P,
        "the protocol is used in another way",
        "{channels: {c: {address: a, bindings: {kafka: {partitions: 1}}}}}",
        "{channels: {c: {address: a, bindings: {kafka: {partitions: 2}}}}}",
    );
    DEPRECATED = rule(
        "deprecated",
        N,
        "it is deprecated now",
        "{channels: {c: {address: a, messages: {m: {}}}}}",
        "{channels: {c: {address: a, messages: {m: {deprecated: true}}}}}",
    );
    ANNOTATION_CHANGED = symmetric(
        "annotation-changed",
        N,
        "only what readers see changed",
        "{channels: {c: {address: a, description: x}}}",
        "{channels: {c: {address: a, description: y}}}",
    );
    INFO_CHANGED = symmetric(
        "info-changed",
        N,
        "only what readers see changed",
        "{info: {title: a}, channels: {}}",
        "{info: {title: b}, channels: {}}",
    );
    COMPONENT_ADDED = rule(
        "component-added",
        N,
        "a definition that nothing uses was added",
        "{channels: {}}",
        "{channels: {}, components: {schemas: {A: {}}}}",
    );
    COMPONENT_REMOVED = rule(
        "component-removed",
        N,
        "a definition that nothing uses was removed",
        "{channels: {}, components: {schemas: {A: {}}}}",
        "{channels: {}}",
    );
    DIALECT_CHANGED = symmetric(
        "dialect-changed",
        N,
        "the document is written for another version of AsyncAPI",
        "{asyncapi: 2.6.0, channels: {}}",
        "{asyncapi: 3.0.0, channels: {}}",
    );
}
