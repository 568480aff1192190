import type { ReactNode } from "react";
import { Button, Dialog, DialogTrigger, Heading, Modal, ModalOverlay } from "react-aria-components";
import { words } from "../words";

interface AskProps {
  button: string;
  title: string;
  tone?: "primary" | "danger" | "quiet" | "";
  children: (close: () => void) => ReactNode;
}

/** A button that opens a dialog; what is typed in there is a draft, so closing it loses nothing. */
export function Ask({ button, title, tone = "", children }: AskProps) {
  return (
    <DialogTrigger>
      <Button className={`button ${tone}`}>{button}</Button>
      <ModalOverlay className="overlay" isDismissable>
        <Modal className="modal">
          <Dialog className="dialog">
            {({ close }) => (
              <>
                <header>
                  <Heading slot="title">{title}</Heading>
                  <Button className="button quiet close" aria-label={words.common.close} onPress={close}>
                    ×
                  </Button>
                </header>
                {children(close)}
              </>
            )}
          </Dialog>
        </Modal>
      </ModalOverlay>
    </DialogTrigger>
  );
}
