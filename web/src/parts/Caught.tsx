import { Component, type ReactNode } from "react";
import { words } from "../words";
import { Failure } from "./shown";

interface CaughtProps {
  path: string;
  children: ReactNode;
}

/** A page that cannot be shown, as when its script did not arrive: it says so, and from there one can go elsewhere. */
export class Caught extends Component<CaughtProps, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override componentDidUpdate(before: CaughtProps) {
    if (this.state.hasFailed && before.path !== this.props.path) this.setState({ hasFailed: false });
  }

  override render() {
    if (!this.state.hasFailed) return this.props.children;
    // Only a reload asks for a script anew: what failed to arrive is remembered.
    return <Failure error={new Error(words.problems.broken)} again={() => location.reload()} isPage />;
  }
}
