public import ByteCoding
public import MeshWire

/// The JSON lines that terminals print, byte by byte as existing nodes print them (protocol §10 and §11).
///
/// Key order and the odd blanks are part of the format, so each line is written out as it looks.
public enum MeshJSON {
    /// The line that a message prints on a node that dispatches it; nil for most requests and for unreadable messages.
    ///
    /// A message for everybody comes back to its sender by local loopback and prints there too. Answers print on the asking
    /// node, and these on the receiver of a request: raw data, `component_sense`, `request_proposals`,
    /// `generate_load_chunk` and `counter`.
    public static func line(for message: MessageBytes) -> String? {
        do throws(CodingError) {
            return line(for: try MeshMessage(bytes: message))
        } catch {
            return nil
        }
    }

    /// The line that a decoded message prints.
    public static func line(for message: MeshMessage) -> String? {
        switch message.withoutTrailing {
        case .module(let message): moduleMessage(message)
        case .rawData(let message): rawData(message)
        case .rawDataLight(let message): rawDataLight(message)
        case .component(let message): component(message)
        case .capability(let message): capability(message)
        case .assetLegacy(let message): trackedAssets(message)
        case .assetGeneric(let message): trackedAssets(message)
        case .splitFragment, .clusterWelcome, .clusterAck1, .clusterAck2, .clusterInfoUpdate, .reconnect,
            .encryptCustomStart, .encryptCustomANonce, .encryptCustomSNonce, .encryptCustomDone, .updateTimestamp,
            .updateConnectionInterval, .graftHello, .graftConcede, .graftUpdate, .graftRole, .graftRequest, .graftKnock,
            .graftReconnect, .timeSync, .deadData, .data, .unknown, .extended:
            nil
        }
    }

    private static func moduleMessage(_ message: ModuleMessage) -> String? {
        switch message.content {
        case .node(let content): node(content, message)
        case .beaconing(let content): beaconing(content, message)
        case .statusReporter(let content): statusReporter(content, message)
        case .enrollment(let content): enrollment(content, message)
        case .io(let content): io(content, message)
        case .debug(let content): debug(content, message)
        case .meshAccess(let content): meshAccess(content, message)
        case .configuration(let module, let content): configuration(module, content, message)
        case .generic: nil
        }
    }
}
