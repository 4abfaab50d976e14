import ByteCoding
import MeshWire

extension MeshJSON {
    static func rawData(_ message: RawData) -> String? {
        let start = #"{"nodeId":\#(message.sender),"type":"raw_data_"#
        let module = #""module":\#(module(message.module))"#
        let handle = #""requestHandle":\#(message.requestHandle)"#
        return switch message.content {
        case .start(let content):
            #"\#(start)start",\#(module),"numChunks":\#(content.numChunks),"#
                + #""protocol":\#(content.dataProtocol.rawValue),"fmKeyId":\#(content.fmKeyID),"#
                + #"\#(handle)\#(metadata(content.metadata))}"#
        case .startReceived(let content): #"\#(start)start_received",\#(module),\#(handle)\#(metadata(content))}"#
        case .chunk(let content):
            #"\#(start)chunk",\#(module),"chunkId":\#(content.chunkID),"#
                + #""payload":\#(base64(content.data)),\#(handle)}"#
        case .report(let missing):
            #"\#(start)report",\#(module),"missing":\#(list(missing.filter { $0 != 0 }.map { $0.description })),\#(handle)}"#
        case .error(let error, let destination):
            #"\#(start)error",\#(module),"error":\#(error.rawValue),"destination":\#(destination),\#(handle)}"#
        case .reportDesired: #"\#(start)report_desired",\#(module),\#(handle)}"#
        case .unknown: nil
        }
    }

    /// Metadata behind the other keys; left out if there is none.
    private static func metadata(_ bytes: InlineBytes<40>) -> String {
        bytes.isEmpty ? "" : #","metadata":\#(base64(bytes))"#
    }

    static func rawDataLight(_ message: RawDataLight) -> String {
        #"{"nodeId":\#(message.sender),"type":"raw_data_light","module":\#(module(message.module)),"#
            + #""protocol":\#(message.dataProtocol.rawValue),"payload":\#(base64(message.data)),"#
            + #""requestHandle":\#(message.requestHandle)}"#
    }
}
