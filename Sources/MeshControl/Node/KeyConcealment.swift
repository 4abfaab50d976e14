import ByteCoding
import MeshWire

/// Takes keys out of messages before they are told: who may only look must not learn the keys of the network.
enum KeyConcealment {
    /// What is left of an enrolment that cannot be read: the header, and which device it is for.
    private static let readableBytes = 16

    /// The message, without the keys if it is one that enrols a device.
    static func concealed(_ message: MessageBytes) -> MessageBytes {
        guard let header = try? ModuleHeader(bytes: message), header.type == .moduleTriggerAction,
            header.module == .plain(.enrollment), header.actionType == 0
        else { return message }
        guard let request = try? ModuleMessage(bytes: message),
            case .enrollment(.setEnrollment(var set)) = request.content
        else { return MessageBytes(message.array.prefix(readableBytes)) }
        set.newNetworkKey = nil
        set.newUserBaseKey = nil
        set.newOrganizationKey = nil
        set.nodeKey = nil
        // A new message: what stood behind the fields may be part of a key.
        let told = ModuleMessage(
            sender: request.sender,
            receiver: request.receiver,
            requestHandle: request.requestHandle,
            content: .enrollment(.setEnrollment(set))
        )
        return (try? told.encoded()) ?? MessageBytes(message.array.prefix(readableBytes))
    }
}
