import MeshWire

extension MeshJSON {
    /// What a pressure byte holds if the asset does not measure it.
    private static let pressureUnknown: UInt8 = 0xFF

    static func trackedAssets(_ report: AssetReport) -> String {
        let assets = report.assets.map { asset in
            #"{"id":\#(asset.asset),"rssi1":\#(asset.rssi37),"rssi2":\#(asset.rssi38),"rssi3":\#(asset.rssi39),"#
                + #""batteryPower":\#(asset.battery),"positionValid":\#(asset.isPositionValid ? 1 : 0),"#
                + #""absolutePositionX":\#(asset.positionX),"absolutePositionY":\#(asset.positionY),"#
                + #""moving":\#(asset.isMoving ? 1 : 0),"pressure":\#(pressure(asset.pressure)),"#
                + #""hasFreeInConnection":\#(asset.hasFreeInConnection ? 1 : 0),"#
                + #""interestedInConnection":\#(asset.isInterestedInConnection ? 1 : 0),"#
                + #""hasSameNetworkId":\#(asset.hasSameNetwork ? 1 : 0)}"#
        }
        return #"{"nodeId":\#(report.header.sender),"type":"tracked_assets_ins","assets":\#(list(assets))}"#
    }

    /// The old form, of which only the type is known from existing nodes; its keys are those of the new form.
    static func trackedAssets(_ report: LegacyAssetReport) -> String {
        let assets = report.assets.map { asset in
            #"{"id":\#(asset.asset),"rssi1":\#(asset.rssi37),"rssi2":\#(asset.rssi38),"rssi3":\#(asset.rssi39),"#
                + #""speed":\#(asset.speed),"pressure":\#(pressure(asset.pressure)),"#
                + #""hasFreeInConnection":\#(asset.hasFreeInConnection ? 1 : 0),"#
                + #""interestedInConnection":\#(asset.isInterestedInConnection ? 1 : 0),"#
                + #""hasSameNetworkId":\#(asset.hasSameNetwork ? 1 : 0)}"#
        }
        return #"{"nodeId":\#(report.sender),"type":"tracked_assets","assets":\#(list(assets))}"#
    }

    private static func pressure(_ value: UInt8) -> String { value == pressureUnknown ? "-1" : value.description }
}
